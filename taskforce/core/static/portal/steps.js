/* Comfort only: a long decision goes on by itself, step after step, as the button "Go on" does, until it is stopped or
   done. Each step is a form of its own, so that what is decided stays so whatever happens on the way. */
(function () {
  "use strict";

  var WAIT = 500; /* milliseconds from one step to the next: time to press "Stop" */
  var isStopped = false;
  var isAsking = false;
  var timer = null;

  function part() {
    return document.querySelector("[data-steps]");
  }

  function form() {
    return part() && part().querySelector("form[data-step]");
  }

  /* The buttons change places: what goes on by itself is stopped, what stands still goes on by the button. */
  function show(isRunning) {
    var found = part();
    var stop = found.querySelector("[data-stop]");
    var submit = found.querySelector("form[data-step] [type=submit]");
    if (!stop || !submit) {
      return;
    }
    var hadFocus = found.contains(document.activeElement) || document.activeElement === document.body;
    stop.hidden = !isRunning;
    submit.hidden = isRunning;
    if (hadFocus) {
      (isRunning ? stop : submit).focus();
    }
  }

  function put(html) {
    var found = new DOMParser().parseFromString(html, "text/html").querySelector("[data-steps]");
    if (!found) {
      return false; /* signed out, or something to decide about: the button leads there */
    }
    /* The same element with other words, which a screen reader hears. */
    var told = document.querySelector("[data-steps-told]");
    var said = found.querySelector("[data-steps-told]");
    told.textContent = said.textContent;
    said.replaceWith(told);
    part().replaceWith(document.adoptNode(found));
    return true;
  }

  function stop() {
    isStopped = true;
    clearTimeout(timer);
    if (!isAsking) {
      show(false);
    }
  }

  function step() {
    var sent = form();
    if (!sent) {
      return;
    }
    isAsking = true;
    /* Not `sent.action`: one of the fields has that name. */
    fetch(sent.getAttribute("action"), {method: "POST", body: new FormData(sent), credentials: "same-origin"}).then(function (response) {
      return response.ok ? response.text() : Promise.reject(new Error(String(response.status)));
    }).then(function (html) {
      isAsking = false;
      if (!put(html)) {
        stop();
        return;
      }
      begin();
    }).catch(function () {
      isAsking = false;
      stop();
    });
  }

  function begin() {
    var button = part() && part().querySelector("[data-stop]");
    if (!button || !form()) {
      return;
    }
    button.addEventListener("click", stop);
    show(!isStopped);
    if (!isStopped) {
      timer = setTimeout(step, WAIT);
    }
  }

  begin();
}());
