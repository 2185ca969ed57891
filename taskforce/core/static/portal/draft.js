/* Saves the draft of a form by itself, as its button "Save draft" does without this file, from the first pause on, and
   when the page is left. Another tab is told of by a version, so nothing of it is overwritten. What may arrive after the
   next page was drawn stays in this tab until it is known to be kept. */
(function () {
  "use strict";

  var IDLE = 1000; /* milliseconds after the last change */
  var APART = 10000; /* two savings at least */
  var AGAIN = 30000; /* until it is tried again where nobody answers */
  var LONGEST = 5000; /* that a button waits for what is on its way */
  var LEFT = "draft:"; /* under what the tab has what may not have arrived */
  var LEFT_FOR = 600000; /* milliseconds */
  var MOST = 4; /* of what was sent and not answered is known again */
  var form = document.querySelector("form[data-draft]");
  var status = form && form.querySelector("[data-draft-status]");
  var of = window.portalFields;
  if (!form || !status || !window.fetch || !of) {
    return;
  }
  var timer = null;
  var last = -APART; /* when it was last saved */
  var sending = null; /* the promise of what is on its way */
  var isAsked = false; /* to save once more, while something was on its way */
  var isStopped = false; /* until the page is loaded anew: what is kept now is another one, or nothing can be */
  var isDirty = false;
  var isWaiting = false; /* a button, for what is on its way */
  var hasFailed = false; /* the last saving */
  var isLeaving = false; /* the next page may be drawn before what is on its way arrives */
  var mine = []; /* what was sent from here and not answered: the portal may have it all the same */

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

  /* Where somebody typed on, or the network came back, after it was sent, it does not wait as if nobody had. */
  function later(sentence) {
    isDirty = true;
    hasFailed = true;
    say(sentence);
    wait(isAsked ? IDLE : AGAIN);
  }

  /* What stands in a form, to be compared and stored; or as the portal drew it, before anybody typed. */
  function typedIn(one, isAsDrawn) {
    var said = [];
    of.of(one).forEach(function (field) {
      of.valuesOf(field, isAsDrawn).forEach(function (value) { said.push([field.name, value]); });
    });
    return JSON.stringify(said);
  }

  function putBack(typed) {
    var said = JSON.parse(typed);
    of.of(form).forEach(function (field) {
      var values = said.filter(function (one) { return one[0] === field.name; }).map(function (one) { return one[1]; });
      if (values.length || of.canBeChecked(field)) {
        of.put(field, values);
      }
    });
  }

  /* --- what may not have arrived ---------------------------------------------------------------------------------- */

  /* The form's address without the page's language. */
  function leftKey() {
    var address = new URL(form.action);
    return LEFT + address.pathname.replace(/^\/[^/]+/, "") + address.search;
  }

  /* Storage can be switched off; then nothing waits in the tab. */
  function stored(act) {
    try {
      return act(window.sessionStorage);
    } catch (error) {
      return null;
    }
  }

  function leave() {
    stored(function (kept) {
      kept.setItem(leftKey(), JSON.stringify({
        at: Date.now(), kept: form.elements.kept.value, sent: mine, typed: typedIn(form)
      }));
    });
  }

  function forget() {
    stored(function (kept) { kept.removeItem(leftKey()); });
  }

  /* Over what stood in the form when it was left, or what was sent from it then: never over another tab's. */
  function comeBack() {
    var left = stored(function (kept) { return JSON.parse(kept.getItem(leftKey())); });
    var drawn = typedIn(form, true);
    forget();
    if (!left || Date.now() - left.at > LEFT_FOR || drawn === left.typed) {
      return;
    }
    if (left.kept === form.elements.kept.value || left.sent.indexOf(drawn) !== -1) {
      mine = left.sent.concat(left.typed);
      putBack(left.typed);
      isDirty = true;
      say(form.dataset.unsaved);
      leave();
      save();
    }
  }

  /* What else the form has, it has by itself. */
  function saysSomething() {
    return form.elements.kept.value !== "0" || of.of(form).some(function (field) {
      var isSaid = of.canBeChecked(field) ? field.checked : field.value.trim() !== "";
      return isSaid && (field.name === "name" || field.name.indexOf("q-") === 0);
    });
  }

  function putIn(answered) {
    form.elements.kept.value = String(answered.kept);
    hasFailed = false;
    mine = [];
    /* What was typed meanwhile is saved next. */
    if (isDirty) {
      wait(pause());
    } else {
      if (!isLeaving) {
        forget();
      }
      of.of(form).forEach(of.settle);
      say(form.dataset.saved);
    }
  }

  /* {name: values} of what was sent, as it is stored. */
  function asKept(typed) {
    var kept = {};
    JSON.parse(typed).forEach(function (one) {
      kept[one[0]] = (kept[one[0]] || []).concat(one[1]);
    });
    return kept;
  }

  function isSame(one, other) {
    return Object.keys(Object.assign({}, one, other)).every(function (name) {
      return of.isSame(one[name], other[name]);
    });
  }

  /* What is kept may be what was sent from here and answered too late to be heard: then it goes on from there. */
  function whoseIsIt(answered) {
    if (!answered.fields) {
      /* It was sent meanwhile, or thrown away: nothing is kept of it any more. */
      forget();
      stop(form.dataset.notSaved);
      return;
    }
    if (!mine.some(function (typed) { return isSame(asKept(typed), answered.fields); })) {
      stop(form.dataset.changed);
      return;
    }
    form.elements.kept.value = String(answered.kept);
    mine = [];
    isDirty = true;
    wait(0);
  }

  function answeredWith(answer) {
    if (answer.status === 429 || answer.status >= 500) {
      later(answer.status === 429 ? form.dataset.tooOften : form.dataset.notReached);
    } else if (answer.status === 409) {
      return answer.json().then(whoseIsIt);
    } else if (!answer.ok) {
      stop(form.dataset.notSaved);
    } else if ((answer.headers.get("Content-Type") || "").indexOf("application/json") !== 0) {
      /* The sign-in, or somebody else's page. */
      stop(form.dataset.notSaved);
    } else {
      return answer.json().then(putIn);
    }
    return null;
  }

  function asSent() {
    var data = new FormData(form);
    data.set("act", "keep");
    data.set("itself", "1");
    return data;
  }

  function post(data) {
    return fetch(form.action, {
      method: "POST", body: data, credentials: "same-origin", headers: { Accept: "application/json" }, keepalive: of.outlives(data)
    });
  }

  function save() {
    clearTimeout(timer);
    isAsked = Boolean(sending);
    if (isStopped || sending || !isDirty || !saysSomething()) {
      return;
    }
    isDirty = false;
    last = performance.now();
    mine = mine.slice(-MOST).concat(typedIn(form));
    sending = post(asSent()).then(answeredWith).catch(function () {
      later(form.dataset.notReached);
    }).then(function () {
      sending = null;
    });
  }

  /* The page is left, or out of sight, from where it may never come back; returns whether all of it is on its way. */
  function depart() {
    if (isStopped || !(isDirty || sending) || !saysSomething()) {
      return false;
    }
    var data = asSent();
    var isSure = navigator.onLine && !hasFailed && !(isDirty && sending) && of.outlives(data);
    leave();
    if (!("keepalive" in Request.prototype)) {
      return navigator.sendBeacon(form.action, data) && isSure;
    }
    if (isDirty && sending) {
      /* Whichever comes first; `whoseIsIt` finds out. */
      if (mine[mine.length - 1] !== typedIn(form)) {
        mine.push(typedIn(form));
        leave();
        post(data).catch(function () {});
      }
    } else {
      save();
    }
    return isSure;
  }

  say(form.dataset.keeps);
  form.addEventListener("input", function () {
    isDirty = true;
    isLeaving = false;
    isAsked = Boolean(sending);
    if (!isStopped) {
      say(form.dataset.unsaved);
      wait(pause());
    }
  });
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState === "hidden") {
      depart();
    }
  });
  window.addEventListener("pagehide", depart);
  /* `typed.js` asks before it warns: nobody has to answer for what is on its way. */
  form.addEventListener("leaving", function (event) {
    isLeaving = true;
    if (depart()) {
      event.preventDefault();
    }
  });
  window.addEventListener("online", save);

  /* Else what is just being saved would stay behind when its text is sent. */
  form.addEventListener("submit", function (event) {
    clearTimeout(timer);
    if (!sending) {
      isStopped = true;
      forget();
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
    isLeaving = false;
    if (event.persisted) {
      isStopped = false;
    }
  });
  comeBack();
}());
