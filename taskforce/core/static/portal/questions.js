/* Comfort for whoever writes a question: what its readers will see changes as one types. It works without this file,
   where a button shows it. The server draws it and stores nothing. */
(function () {
  "use strict";

  var IDLE = 700; /* milliseconds after the last change */
  var form = document.querySelector("form[data-shown-as-typed]");
  var panel = document.querySelector("[data-as-readers]");
  if (!form || !panel) {
    return;
  }

  var timer = null;
  var isAsking = false;
  var isBehind = false;
  /* Signed out, too often, out of order: the button is still there, and says why. */
  var isOver = false;

  function put(answered) {
    var drawn = new DOMParser().parseFromString(answered, "text/html").querySelector("[data-as-readers]");
    isOver = !drawn;
    if (drawn) {
      panel.replaceChildren.apply(panel, Array.from(drawn.childNodes));
    }
  }

  function ask() {
    if (isAsking || isOver) {
      isBehind = true;
      return;
    }
    var data = new FormData(form);
    data.set("act", "look");
    data.delete("go");
    isAsking = true;
    isBehind = false;
    fetch(location.href, { method: "POST", body: data, credentials: "same-origin" }).then(function (answer) {
      return answer.ok ? answer.text() : "";
    }).then(put).catch(function () {
      /* Nobody answers: it is asked again after the next change. */
    }).then(function () {
      isAsking = false;
      if (isBehind && !isOver) {
        wait();
      }
    });
  }

  function wait() {
    clearTimeout(timer);
    timer = setTimeout(ask, IDLE);
  }

  form.addEventListener("input", wait);
  form.addEventListener("submit", function () {
    clearTimeout(timer);
    isOver = true;
  });
})();
