/* Comfort for whoever changes a text: it works without this file, where an empty line says where to split and a button
   saves. What is saved by itself is the draft that the buttons save, so readers see nothing of it. */
(function () {
  "use strict";

  var IDLE = 4000; /* milliseconds after the last change */

  /* Where the cursor was in a field, in characters as the server counts them. */
  function placeIn(field) {
    return Array.from(field.value.slice(0, field.selectionStart)).length;
  }

  /* The place goes along with the form; a field that nobody has been in has none. */
  document.querySelectorAll("input[data-edit-place]").forEach(function (input) {
    var field = document.getElementsByName(input.dataset.editPlace)[0];
    if (field) {
      field.addEventListener("blur", function () {
        input.value = String(placeIn(field));
      });
    }
  });

  /* --- where one was ----------------------------------------------------------------------------------------------- */

  /* Every button sends the page and brings another one. What it was about stands where it stood, and the keyboard goes
     on there, so that "Up" can be pressed again, and who saved goes on writing. */
  var KEY = "editing";
  var FRESH = 60000; /* milliseconds within which a page comes back */
  var PLACES = "[id^='e-'], [id^='part-']";

  function focusedText() {
    var found = document.activeElement;
    return found && found.matches("textarea[data-edit-text]") ? found : null;
  }

  function remember(event) {
    var act = (event.submitter && event.submitter.value) || "save";
    var text = lastText && lastText.isConnected ? lastText : null;
    var about = (event.submitter && event.submitter.closest(PLACES)) || (text && text.closest(PLACES));
    var kept = {
      at: Date.now(), act: act, id: about ? about.id : "", top: about ? about.getBoundingClientRect().top : 0,
      field: text ? text.name : "", start: text ? text.selectionStart : 0, scroll: window.scrollY
    };
    try {
      window.sessionStorage.setItem(KEY, JSON.stringify(kept));
    } catch (error) {
      /* Storage is switched off: the page begins at its top. */
    }
  }

  function taken() {
    try {
      var kept = JSON.parse(window.sessionStorage.getItem(KEY));
      window.sessionStorage.removeItem(KEY);
      return kept && Date.now() - kept.at < FRESH ? kept : null;
    } catch (error) {
      return null;
    }
  }

  /* Where the portal leads to; else where the button was. */
  function goingOn(kept) {
    var named = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    return named || (kept.id && document.getElementById(kept.id)) || null;
  }

  function focusIn(place, kept) {
    var name = kept.act.split(":")[0];
    var button = (name === "up" || name === "down") && place.querySelector("button[value='" + kept.act + "']");
    var other = button || place.querySelector("button[value^='up:'], button[value^='down:']");
    var text = place.querySelector("textarea[data-edit-text]");
    if (name === "save" && text && text.name === kept.field) {
      text.focus({ preventScroll: true });
      text.setSelectionRange(kept.start, kept.start);
    } else if (name === "up" || name === "down") {
      (other || place).focus({ preventScroll: true });
    } else if (text && name !== "remove") {
      text.focus({ preventScroll: true });
    } else {
      place.focus({ preventScroll: true });
    }
  }

  function goOn(kept) {
    var place = goingOn(kept);
    var isThere = place && (place.id === kept.id || kept.act.split(":")[0] === "remove");
    if (isThere) {
      window.scrollBy(0, place.getBoundingClientRect().top - kept.top);
      if (!/^(save|up|down)/.test(kept.act)) {
        /* What was unfolded is folded again, so it may stand above the window by now. */
        place.scrollIntoView({ block: "nearest" });
      }
    } else if (place) {
      place.scrollIntoView({ block: "center" });
    } else {
      window.scrollTo(0, kept.scroll);
    }
    if (place) {
      focusIn(place, kept);
    }
  }

  /* What a message at the top says is said where one works, too; a region that is filled later is read aloud. */
  function sayBelow() {
    var message = document.querySelector(".pt-messages .cdx-message__content");
    var region = document.querySelector("[data-autosave-status]");
    if (message && region) {
      setTimeout(function () { region.textContent = message.textContent.trim(); }, 100);
    }
  }

  var lastText = null;
  document.addEventListener("focusin", function () {
    lastText = focusedText() || lastText;
  });
  document.addEventListener("submit", function (event) {
    if (!event.defaultPrevented && event.target.matches("[data-stay]")) {
      remember(event);
    }
  });
  var kept = taken();
  /* What was refused has the focus already, above. */
  if (kept && !document.querySelector("main [role=alert], main .pt-error-summary")) {
    /* The browser goes to the fragment itself once all is there, and takes the focus away with it. */
    window.addEventListener("load", function () {
      setTimeout(function () {
        goOn(kept);
        sayBelow();
      }, 0);
    });
  }

  /* --- saving by itself ------------------------------------------------------------------------------------------- */

  var AGAIN = 30000; /* until it is tried again where nobody answers */
  var SOON = 1000; /* until it is, where somebody typed on or the network came back meanwhile */
  var LONGEST = 5000; /* that a button waits for what is on its way */
  var form = document.querySelector("form.pt-edit");
  var status = form && form.querySelector("[data-autosave-status]");
  /* Not on a page that shows two texts: there saving is a choice. */
  var isAutomatic = form && form.hasAttribute("data-autosave");
  var timer = null;
  var sending = null; /* the promise of what is on its way */
  var isAsked = false; /* to save once more, while something was on its way */
  var isLeaving = false;
  var isWaiting = false; /* a button, for what is on its way */
  var hasFailed = false; /* since something was typed last */
  var isSignedOut = false;
  var warning = form && form.querySelector("[data-autosave-warning]");
  if (!form || !status) {
    return;
  }

  function texts(within) {
    return Array.from(within.querySelectorAll("textarea[data-edit-text]"));
  }

  /* What is chosen of a paragraph besides its words: what it is, and of a new one in which language it is written. */
  function choicesOf(field, page) {
    return ["kind-", "language-"].map(function (name) {
      return (page || form).querySelector("select[name='" + field.name.replace(/^text-/, name) + "']");
    }).filter(Boolean);
  }

  function chosen(selects) {
    return selects.map(function (select) { return select.value; });
  }

  function isAsChosen(selects, values) {
    return chosen(selects).join(" ") === values.join(" ");
  }

  function chosenAtFirst(select) {
    var found = Array.from(select.options).find(function (option) { return option.defaultSelected; });
    return found ? found.value : select.options[0].value;
  }

  function isChanged(field) {
    return field.value !== field.defaultValue || choicesOf(field).some(function (select) {
      return select.value !== chosenAtFirst(select);
    });
  }

  function now(field) {
    return { text: field.value, chosen: chosen(choicesOf(field)) };
  }

  function isUnsaved() {
    return form.hasAttribute("data-unsaved") || texts(form).some(isChanged);
  }

  function say(sentence) {
    status.textContent = sentence;
  }

  /* What went wrong stays in sight until something is saved; what goes well is a line of small print. */
  function warn(sentence) {
    say("");
    warning.querySelector("[data-autosave-sign-in]").hidden = !isSignedOut;
    warning.querySelector("[data-autosave-words]").textContent = sentence;
    warning.hidden = false;
  }

  function settle(field, value, values) {
    field.defaultValue = value;
    choicesOf(field).forEach(function (select, number) {
      Array.from(select.options).forEach(function (option) {
        option.defaultSelected = option.value === values[number];
      });
    });
  }

  /* What was sent is saved. Where nobody has typed since, the field says what is kept now, unless somebody is in it: then
     it keeps its words with their old version, so that saving others shows both texts. */
  function takeOver(field, sent, page) {
    var theirs = page.querySelector("textarea[name='" + field.name + "']");
    var version = page.querySelector("input[name='" + field.name.replace(/^text-/, "version-") + "']");
    var own = form.elements[field.name.replace(/^text-/, "version-")];
    if (!theirs || !version || !own) {
      return;
    }
    var choices = choicesOf(field);
    var theirChoices = choicesOf(field, page);
    /* What was joined meanwhile has no language to be chosen any more. */
    var theirValues = theirChoices.length === choices.length ? chosen(theirChoices) : sent.chosen;
    var isSame = sent.text.normalize("NFC").trim() === theirs.value;
    if (isSame && sent.chosen.join(" ") === theirValues.join(" ")) {
      own.value = version.value;
      settle(field, sent.text, sent.chosen);
    } else if (field.value === sent.text && isAsChosen(choices, sent.chosen)) {
      if (document.activeElement === field) {
        settle(field, sent.text, sent.chosen);
        return;
      }
      own.value = version.value;
      field.value = theirs.value;
      choices.forEach(function (select, number) {
        select.value = theirValues[number];
      });
      settle(field, theirs.value, theirValues);
    }
  }

  function failed(sentence, again) {
    hasFailed = true;
    warn(sentence);
    if (again) {
      wait(isAsked ? SOON : AGAIN);
    }
  }

  /* The portal has led it to the sign-in, from where one comes back here. */
  function isToSignIn(answer) {
    var back = answer.redirected && new URL(answer.url).searchParams.get("next");
    return Boolean(back) && back.split("?")[0] === new URL(form.action).pathname;
  }

  function refused(answer) {
    isSignedOut = isToSignIn(answer);
    if (isSignedOut) {
      failed(form.dataset.signedOut, false);
    } else {
      failed(answer.status === 409 ? form.dataset.changed : form.dataset.notSaved, false);
    }
  }

  function putIn(answered, sent, answer) {
    var page = new DOMParser().parseFromString(answered, "text/html");
    if (!page.querySelector("form[data-autosave]") || page.querySelector(".pt-error-summary")) {
      refused(answer);
      return;
    }
    /* A field that is written into while it is sent keeps what is written, and is sent again. */
    texts(form).forEach(function (field) {
      takeOver(field, sent[field.name], page);
    });
    form.removeAttribute("data-unsaved");
    hasFailed = false;
    warning.hidden = true;
    say(form.dataset.saved);
    if (isUnsaved()) {
      wait(IDLE);
    }
  }

  function send() {
    var sent = {};
    texts(form).forEach(function (field) {
      sent[field.name] = now(field);
    });
    var data = new FormData(form);
    data.set("act", "save");
    isAsked = false;
    sending = fetch(form.action, { method: "POST", body: data, credentials: "same-origin" }).then(function (answer) {
      if (answer.status === 429 || answer.status >= 500) {
        failed(answer.status === 429 ? form.dataset.tooOften : form.dataset.notReached, true);
        return null;
      }
      return answer.text().then(function (answered) {
        putIn(answer.ok ? answered : "", sent, answer);
      });
    }).catch(function () {
      failed(form.dataset.notReached, true);
    }).then(function () {
      sending = null;
    });
    return sending;
  }

  /* Also what was typed while something was on its way; done when all is saved, or could not be. */
  function save() {
    clearTimeout(timer);
    if (isLeaving || !isAutomatic || isSignedOut) {
      return Promise.resolve();
    }
    if (sending) {
      return sending.then(function () {
        return hasFailed ? undefined : save();
      });
    }
    return isUnsaved() ? send() : Promise.resolve();
  }

  function wait(time) {
    clearTimeout(timer);
    timer = setTimeout(save, time);
  }

  function saveNow() {
    isAsked = Boolean(sending);
    if (isUnsaved()) {
      save();
    }
  }

  form.addEventListener("input", function () {
    isAsked = Boolean(sending);
    say("");
    hasFailed = isSignedOut;
    if (isAutomatic) {
      wait(IDLE);
    }
  });
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState === "hidden") {
      saveNow();
    } else if (isSignedOut) {
      renew();
    }
  });
  window.addEventListener("online", saveNow);

  /* --- signed out -------------------------------------------------------------------------------------------------- */

  /* Whoever has signed in again in another tab goes on here, with the token of the new session. */
  function renew() {
    fetch(form.action, { credentials: "same-origin" }).then(function (answer) {
      return answer.ok ? answer.text() : "";
    }).then(function (answered) {
      var theirs = new DOMParser().parseFromString(answered, "text/html").querySelector("form.pt-edit");
      if (!theirs || theirs.elements.owner.value !== form.elements.owner.value) {
        return;
      }
      form.elements.csrfmiddlewaretoken.value = theirs.elements.csrfmiddlewaretoken.value;
      isSignedOut = false;
      saveNow();
    }).catch(function () {
      /* Nobody answers: it is asked again when the page is looked at again. */
    });
  }

  /* What was typed goes along to the sign-in, and comes back with whoever has signed in. */
  warning.querySelector("[data-autosave-sign-in]").addEventListener("click", function (event) {
    if (isPlain(event)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button[value=save]"));
    }
  });

  /* --- leaving ----------------------------------------------------------------------------------------------------- */

  form.addEventListener("submit", function (event) {
    if (!sending) {
      isLeaving = true;
      clearTimeout(timer);
      return;
    }
    /* Else what was just saved would be taken for somebody else's. */
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

  function isPlain(event) {
    return !(event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  }

  function leadsAway(link) {
    return link && link.origin === location.origin && !link.target && !link.hasAttribute("download") &&
      link.href.split("#")[0] !== location.href.split("#")[0];
  }

  /* A link is followed once what was typed is saved. Where that fails it says so, and the next press asks. */
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[href]");
    if (!isPlain(event) || !leadsAway(link) || !isAutomatic || hasFailed || !isUnsaved()) {
      return;
    }
    event.preventDefault();
    say(form.dataset.saving);
    save().then(function () {
      if (!isUnsaved()) {
        isLeaving = true;
        location.assign(link.href);
      }
    });
  });
  window.addEventListener("beforeunload", function (event) {
    if (!isLeaving && isUnsaved()) {
      saveNow();
      event.preventDefault();
      event.returnValue = "";
    }
  });
  window.addEventListener("pageshow", function () {
    isLeaving = false;
  });
}());
