/* Saves the draft of a form by itself, as its button "Save draft" does without this file, from the first pause on.
   Another tab is told of by a version, so nothing of it is overwritten. */
(function () {
  "use strict";

  var IDLE = 4000; /* milliseconds after the last change */
  var APART = 10000; /* two savings at least */
  var AGAIN = 30000; /* until it is tried again where nobody answers */
  var LONGEST = 5000; /* that a button waits for what is on its way */
  var form = document.querySelector("form[data-draft]");
  var status = form && form.querySelector("[data-draft-status]");
  if (!form || !status || !window.fetch) {
    return;
  }
  var timer = null;
  var last = -APART; /* when it was last saved */
  var sending = null; /* the promise of what is on its way */
  var isStopped = false; /* until the page is loaded anew: what is kept now is another one, or nothing can be */
  var isDirty = false;
  var isWaiting = false; /* a button, for what is on its way */

  function say(sentence) {
    status.textContent = sentence;
  }

  function stop(sentence) {
    isStopped = true;
    clearTimeout(timer);
    say(sentence);
  }

  function wait(time) {
    clearTimeout(timer);
    if (!isStopped) {
      timer = setTimeout(save, time);
    }
  }

  /* Whoever stops often does not cause a saving each time. */
  function pause() {
    return Math.max(IDLE, last + APART - performance.now());
  }

  function later(sentence) {
    isDirty = true;
    say(sentence);
    wait(AGAIN);
  }

  function fields() {
    return Array.from(form.elements).filter(function (field) {
      return field.name && /^(text|textarea|radio|checkbox|select-one)$/.test(field.type);
    });
  }

  /* What is saved need not be asked about when the page is left. */
  function settle(field) {
    if (field.type === "radio" || field.type === "checkbox") {
      field.defaultChecked = field.checked;
    } else if (field.options) {
      Array.from(field.options).forEach(function (option) { option.defaultSelected = option.selected; });
    } else {
      field.defaultValue = field.value;
    }
  }

  /* What else the form has, it has by itself. */
  function saysSomething() {
    return form.elements.kept.value !== "0" || fields().some(function (field) {
      var isSaid = /^(radio|checkbox)$/.test(field.type) ? field.checked : field.value.trim() !== "";
      return isSaid && (field.name === "name" || field.name.indexOf("q-") === 0);
    });
  }

  function putIn(answered) {
    form.elements.kept.value = String(answered.kept);
    /* What was typed meanwhile is saved next. */
    if (isDirty) {
      wait(pause());
    } else {
      fields().forEach(settle);
      say(form.dataset.saved);
    }
  }

  function answeredWith(answer) {
    if (answer.status === 429 || answer.status >= 500) {
      later(answer.status === 429 ? form.dataset.tooOften : form.dataset.notReached);
    } else if (!answer.ok) {
      stop(answer.status === 409 ? form.dataset.changed : form.dataset.notSaved);
    } else if ((answer.headers.get("Content-Type") || "").indexOf("application/json") !== 0) {
      /* The sign-in, or somebody else's page. */
      stop(form.dataset.notSaved);
    } else {
      return answer.json().then(putIn);
    }
    return null;
  }

  function save() {
    clearTimeout(timer);
    if (isStopped || sending || !isDirty || !saysSomething()) {
      return;
    }
    var data = new FormData(form);
    data.set("act", "keep");
    isDirty = false;
    last = performance.now();
    sending = fetch(form.action, {
      method: "POST", body: data, credentials: "same-origin", headers: { Accept: "application/json" }
    }).then(answeredWith).catch(function () {
      later(form.dataset.notReached);
    }).then(function () {
      sending = null;
    });
  }

  say(form.dataset.keeps);
  form.addEventListener("input", function () {
    isDirty = true;
    if (!isStopped) {
      say("");
      wait(pause());
    }
  });
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState === "hidden") {
      save();
    }
  });
  window.addEventListener("online", save);

  /* Else what is just being saved would stay behind when its text is sent. */
  form.addEventListener("submit", function (event) {
    clearTimeout(timer);
    if (!sending) {
      isStopped = true;
      return;
    }
    event.preventDefault();
    if (isWaiting) {
      return;
    }
    isWaiting = true;
    var button = event.submitter;
    say(form.dataset.saving);
    Promise.race([sending, new Promise(function (done) { setTimeout(done, LONGEST); })]).then(function () {
      sending = null;
      isWaiting = false;
      form.requestSubmit(button);
    });
  });
  /* Back from the browser's memory: it goes on. */
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) {
      isStopped = false;
    }
  });
}());
