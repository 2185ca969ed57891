/* The pages of translating, of all units or of one: saves without leaving the page, keeps by itself what is not saved
   yet, goes from unit to unit. Both pages work without it: that of all units as one form, of which each unit is sent by
   itself here, to its own address. */
(function () {
  "use strict";

  var work = document.querySelector("[data-work]");
  if (!work) {
    return;
  }
  /* Where it is said aloud what became of a text; it also has the words for it. */
  var told = document.querySelector("[data-told]");
  var words = told.dataset;
  var isLeaving = false;
  var isSignedOut = false;
  var isStale = false; /* perhaps the forms are those of an earlier session */
  var IDLE = 3000; /* milliseconds after the last change until it is kept */
  var AGAIN = 30000; /* until it is tried again where nobody answers */
  var LATEST = 600000; /* the longest wait that a server may ask for */
  var PLAINLY_TOO_LONG = 500000; /* characters, with which a form may be more than a server reads */
  var timers = {};
  var keeping = {}; /* what is on its way, by unit */
  var asked = {}; /* units that were to be kept again while they were on their way */
  var keptLast = {}; /* what was sent to be kept, whether or not its answer came */
  var isList = work.dataset.work === "list";

  function unitOf(element) {
    return element && element.closest("[data-unit]");
  }

  function units() {
    return Array.from(work.querySelectorAll("[data-unit]"));
  }

  function areaOf(unit) {
    return unit && unit.querySelector("textarea");
  }

  /* Its name is another one on each of the pages, its id is not. */
  function fieldOf(unit, name) {
    return unit && unit.querySelector("#u" + unit.dataset.unit + "-" + name);
  }

  function summaryOf(unit) {
    return fieldOf(unit, "summary");
  }

  function boxOf(unit) {
    return unit.querySelector(".pt-work__form");
  }

  /* What the unit's own page would send. */
  function bodyOf(unit, action) {
    var body = new FormData();
    ["csrfmiddlewaretoken", "owner", "language", "show"].forEach(function (name) {
      body.set(name, work.querySelector("[name=" + name + "]").value);
    });
    ["text", "summary"].concat(VERSIONS).forEach(function (name) {
      body.set(name, fieldOf(unit, name).value);
    });
    body.set("place", work.dataset.work);
    body.set("action", action);
    return body;
  }

  /* Whether something was typed that the portal neither keeps nor has saved. */
  function isChanged(unit) {
    return "unsent" in unit.dataset || [areaOf(unit), summaryOf(unit)].some(function (field) {
      return field && field.value !== field.defaultValue;
    });
  }

  /* A polite region is read when it changes, also to the same words. */
  function tell(sentence) {
    told.textContent = "";
    setTimeout(function () {
      told.textContent = sentence;
    }, 50);
  }

  function say(unit, sentence) {
    boxOf(unit).querySelector("[data-state]").textContent = sentence;
    boxOf(unit).querySelector("[data-warning]").hidden = true;
  }

  /* What went wrong stands in a notice until it is kept or saved; signed out, with the way back. */
  function warn(unit, sentence) {
    var warning = boxOf(unit).querySelector("[data-warning]");
    say(unit, "");
    warning.querySelector("[data-words]").textContent = sentence;
    warning.querySelector("[data-sign-in]").hidden = !isSignedOut;
    warning.hidden = false;
  }

  /* --- kept in this tab -------------------------------------------------------------------------------------- */

  /* Until the portal keeps it, with the versions that it was typed on: a reload or a fall of the browser loses nothing,
     and what somebody has saved or kept meanwhile is seen beside it. The pages of all units and of one share it. A machine
     may be shared, and whoever signs in next may be somebody else: so with whose it is, and when it was typed. */
  var VERSIONS = ["version", "source_version", "draft"];
  var PREFIX = "translating:";
  var KEPT = 30 * 60 * 1000; /* milliseconds: as long as the portal keeps what was sent signed out */

  function keyOf(unit) {
    return PREFIX + document.documentElement.lang + ":" + unit.dataset.unit;
  }

  function stored(name) {
    try {
      return JSON.parse(window.sessionStorage.getItem(name));
    } catch (error) {
      return null;
    }
  }

  /* Not another person's, and not from long ago; a page without a form does not say whose it is, and shows nothing. */
  function isMine(typed) {
    var owner = work.querySelector("[name=owner]");
    var age = typed ? Date.now() - typed.at : -1;
    return age >= 0 && age < KEPT && (!owner || typed.owner === owner.value);
  }

  function dropOthers() {
    try {
      Object.keys(window.sessionStorage).forEach(function (name) {
        if (name.startsWith(PREFIX) && !isMine(stored(name))) {
          window.sessionStorage.removeItem(name);
        }
      });
    } catch (error) {
      /* Storage is switched off. */
    }
  }

  function keep(unit) {
    try {
      if (isChanged(unit)) {
        var typed = {
          owner: work.querySelector("[name=owner]").value, at: Date.now(), text: areaOf(unit).value,
          summary: summaryOf(unit).value, sent: keptLast[unit.dataset.unit]
        };
        VERSIONS.forEach(function (name) {
          typed[name] = fieldOf(unit, name).value;
        });
        window.sessionStorage.setItem(keyOf(unit), JSON.stringify(typed));
      } else {
        window.sessionStorage.removeItem(keyOf(unit));
      }
    } catch (error) {
      /* Storage is switched off or full: the page warns before it is left. */
    }
  }

  function forget(unit) {
    try {
      window.sessionStorage.removeItem(keyOf(unit));
    } catch (error) {
      /* As above. */
    }
  }

  /* What has been saved since is not written over: what was typed before stands below it, to be copied. */
  function putBelow(unit, typed) {
    var title = document.createElement("p");
    title.className = "pt-work__side";
    title.textContent = words.typed;
    boxOf(unit).append(title);
    [typed.text, typed.summary].filter(Boolean).forEach(function (text) {
      var before = document.createElement("pre");
      before.className = "pt-typed";
      before.dir = "auto";
      before.textContent = text;
      boxOf(unit).append(before);
    });
    say(unit, words.older);
  }

  function bringBack(unit) {
    var typed = areaOf(unit) && stored(keyOf(unit));
    if (!typed || !isMine(typed) || isChanged(unit)) {
      return;
    }
    var summary = summaryOf(unit);
    if (typed.text === areaOf(unit).value && (typed.summary || "") === summary.value) {
      forget(unit);
      return;
    }
    if (Number(typed.version) < Number(fieldOf(unit, "version").value)) {
      putBelow(unit, typed);
      return;
    }
    areaOf(unit).value = typed.text;
    summary.value = typed.summary || "";
    keptLast[unit.dataset.unit] = typed.sent;
    /* It is folded away where it is empty. */
    summary.closest("details").open = summary.value !== "";
    VERSIONS.forEach(function (name) {
      fieldOf(unit, name).value = typed[name];
    });
    say(unit, words.back);
    keepSoon(unit, IDLE);
  }

  /* --- kept by the portal ------------------------------------------------------------------------------------ */

  function keepSoon(unit, wait) {
    clearTimeout(timers[unit.dataset.unit]);
    timers[unit.dataset.unit] = setTimeout(keepThere, wait, unit);
  }

  /* Told where something new is to be known, not at each pause of whoever types. */
  function sayOnce(unit, sentence) {
    if (unit.dataset.said !== sentence) {
      unit.dataset.said = sentence;
      tell(sentence);
    }
  }

  function failed(unit, sentence) {
    warn(unit, sentence);
    sayOnce(unit, sentence);
  }

  function isKept(unit, answer, text, summary) {
    fieldOf(unit, "draft").value = answer.draft;
    areaOf(unit).defaultValue = text;
    summaryOf(unit).defaultValue = summary;
    delete unit.dataset.unsent;
    keep(unit);
    unit.querySelector("[data-kept-at]").innerHTML = answer.kept;
    unit.querySelector("[data-kept]").hidden = !answer.draft;
    unit.querySelector("[data-kept-chip]").hidden = !answer.draft;
    say(unit, "");
    if (answer.draft) {
      sayOnce(unit, answer.told);
    }
    if (isChanged(unit)) {
      keepSoon(unit, IDLE);
    }
  }

  /* Both texts, and the cursor where it was. Until something is typed here nothing is kept over what is there. */
  function putBeside(unit, answer) {
    var area = areaOf(unit);
    var isHere = document.activeElement === area;
    var made = replace(unit, answer.unit);
    var own = areaOf(made);
    if (own.value !== area.value) {
      own.value = area.value;
    }
    if (isHere) {
      own.focus({ preventScroll: true });
      own.setSelectionRange(area.selectionStart, area.selectionEnd);
    }
    tell(answer.told);
  }

  /* A page instead of an answer: the sign-in has ended, the portal refuses it, or a server is busy, which ends by
     itself. */
  function notKept(unit, response) {
    if (isToSignIn(response)) {
      isSignedOut = true;
      failed(unit, words.signedOut);
    } else if (isPassing(response)) {
      var seconds = Number(response.headers.get("Retry-After")) || 0;
      failed(unit, response.status === 429 ? words.tooOften : words.unkept);
      keepSoon(unit, Math.min(Math.max(seconds * 1000, AGAIN), LATEST));
    } else if (isTooLong(unit, response)) {
      failed(unit, words.tooLong);
    } else {
      isStale = response.status === 403;
      failed(unit, words.refused);
    }
  }

  function keptElsewhere(unit, answer) {
    if (answer.elsewhere === keptLast[unit.dataset.unit] || answer.elsewhere === areaOf(unit).value) {
      /* Our own, whose answer was lost, perhaps to a reload; or the same text, over which nobody has to choose. */
      fieldOf(unit, "draft").value = answer.draft;
      keepSoon(unit, 0);
    } else {
      putBeside(unit, answer);
    }
  }

  function keepThere(unit) {
    var id = unit.dataset.unit;
    var area = areaOf(unit);
    if (!unit.isConnected || !area || unit.dataset.busy || "beside" in unit.dataset || !isChanged(unit)) {
      return;
    }
    if (isSignedOut) {
      failed(unit, words.signedOut);
      return;
    }
    if (keeping[id]) {
      asked[id] = true;
      return;
    }
    var text = area.value;
    var summary = summaryOf(unit).value;
    keptLast[id] = text;
    keep(unit);
    keeping[id] = post(unit, "keep").then(function (response) {
      if (!isOurs(response)) {
        notKept(unit, response);
        return null;
      }
      return response.json().then(function (answer) {
        if (response.ok) {
          isKept(unit, answer, text, summary);
        } else if (response.status === 409) {
          keptElsewhere(unit, answer);
        } else {
          failed(unit, answer.told);
        }
      });
    }).catch(function () {
      failed(unit, words.unkept);
      keepSoon(unit, AGAIN);
    }).then(function () {
      delete keeping[id];
      if (asked[id]) {
        /* Somebody typed on, or the network came back, after this was sent: it does not wait as if nobody had. */
        delete asked[id];
        keepSoon(unit, IDLE);
      }
    });
  }

  function keepAll() {
    units().filter(function (unit) { return areaOf(unit); }).forEach(keepThere);
  }

  /* Whoever has signed in again in another tab goes on here. The forms need the new session's token; they stay whose
     they are. */
  function renew() {
    var now = "";
    fetch(location.href, { credentials: "same-origin" }).then(function (response) {
      now = new URL(response.url).pathname;
      return response.ok ? response.text() : "";
    }).then(function (html) {
      var page = new DOMParser().parseFromString(html, "text/html");
      var owner = page.querySelector("[data-work] [name=owner]");
      var own = work.querySelector("[name=owner]");
      if (!owner || !own || owner.value !== own.value) {
        return;
      }
      var token = page.querySelector("[data-work] [name=csrfmiddlewaretoken]").value;
      document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach(function (field) {
        field.value = token;
      });
      if (isList) {
        goOnAt(location.pathname, now);
      } else {
        goOnAt(withoutLast(location.pathname), withoutLast(now));
      }
      isSignedOut = isStale = false;
      keepAll();
    }).catch(function () {
      /* Nobody answers: it is asked again when the page is looked at again. */
    });
  }

  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState === "hidden") {
      keepAll();
    } else if (isSignedOut || isStale) {
      renew();
    }
  });
  window.addEventListener("online", keepAll);

  work.addEventListener("input", function (event) {
    var unit = unitOf(event.target);
    if (event.target === areaOf(unit) || event.target === summaryOf(unit)) {
      delete unit.dataset.beside;
      keep(unit);
      keepSoon(unit, IDLE);
    }
  });

  /* --- from unit to unit ------------------------------------------------------------------------------------- */

  function here(unit) {
    units().forEach(function (each) {
      each.classList.toggle("pt-work__unit--here", each === unit);
    });
  }

  function go(unit) {
    here(unit);
    var area = areaOf(unit);
    unit.scrollIntoView({ block: "start" });
    if (area) {
      area.focus({ preventScroll: true });
    } else {
      unit.tabIndex = -1;
      unit.focus({ preventScroll: true });
    }
  }

  function beside(unit, step) {
    var all = units();
    return all[all.indexOf(unit) + step];
  }

  work.addEventListener("click", function (event) {
    var way = event.target.closest("[data-way]");
    var unit = way && beside(unitOf(way), way.dataset.way === "next" ? 1 : -1);
    if (unit) {
      event.preventDefault();
      go(unit);
    }
  });

  work.addEventListener("focusin", function (event) {
    here(unitOf(event.target));
  });

  work.addEventListener("keydown", function (event) {
    var unit = unitOf(event.target);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit(unit.querySelector("button[value=next]"));
    } else if (event.altKey && (event.key === "PageDown" || event.key === "PageUp")) {
      var way = unit.querySelector('[data-way="' + (event.key === "PageDown" ? "next" : "previous") + '"]');
      if (way) {
        event.preventDefault();
        way.click();
      }
    }
  });

  /* --- saving ------------------------------------------------------------------------------------------------ */

  function replace(unit, html) {
    var made = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
    /* Previous and next are those of this page. */
    made.querySelector(".pt-work__ways").replaceWith(unit.querySelector(".pt-work__ways"));
    unit.replaceWith(made);
    return made;
  }

  function isOurs(response) {
    var isJson = (response.headers.get("Content-Type") || "").indexOf("application/json") === 0;
    return isJson && !isToSignIn(response) && !isPassing(response);
  }

  function isToSignIn(response) {
    return response.type === "opaqueredirect" || response.status === 401;
  }

  /* Longer than a form may be, so that none of it was read: the page that says so could not show it. */
  function isTooLong(unit, response) {
    return response.status === 413 || (response.status === 400 && areaOf(unit).value.length > PLAINLY_TOO_LONG);
  }

  function isPassing(response) {
    return response.status === 429 || response.status >= 500;
  }

  function deliver(unit, body) {
    return fetch(boxOf(unit).dataset.address, {
      method: "POST", body: body, headers: { Accept: "application/json" }, redirect: "manual",
      credentials: "same-origin"
    });
  }

  /* A redirect, which a script may not look at, leads to sign in, or to where the text is now that its address is another
     one: then the page goes on there. Asking for the head alone takes nothing of what is kept. */
  function post(unit, action) {
    var body = bodyOf(unit, action);
    return deliver(unit, body).then(function (response) {
      if (response.type !== "opaqueredirect") {
        return response;
      }
      return fetch(boxOf(unit).dataset.address, { method: "HEAD", credentials: "same-origin" }).then(function (found) {
        return hasMoved(unit, found) ? deliver(unit, body) : response;
      });
    });
  }

  function hasMoved(unit, found) {
    var now = new URL(found.url).pathname;
    var isThis = now.endsWith("/translate/" + unit.dataset.unit + "/");
    return found.ok && isThis && goOnAt(withoutLast(boxOf(unit).dataset.address), withoutLast(now));
  }

  function withoutLast(path) {
    return path.replace(/[^/]+\/$/, "");
  }

  /* From now on all of the page has the other address of the list; false where it is no other one. */
  function goOnAt(from, to) {
    document.querySelectorAll("[data-address], form[action], a[href]").forEach(function (element) {
      ["data-address", "action", "href"].forEach(function (name) {
        var value = element.getAttribute(name);
        if (value && value.startsWith(from)) {
          element.setAttribute(name, to + value.slice(from.length));
        }
      });
    });
    if (location.pathname.startsWith(from)) {
      history.replaceState(history.state, "", to + location.href.slice(location.origin.length + from.length));
    }
    return from !== to;
  }

  function goOn(answer, made) {
    var next = answer.next && document.getElementById("u" + answer.next);
    if (next) {
      go(next);
    } else if (answer.next_url) {
      isLeaving = !units().some(isChanged);
      location.assign(answer.next_url);
    } else {
      go(made);
    }
  }

  function put(unit, answer, isSaved, typedMeanwhile) {
    if (isSaved) {
      forget(unit);
    }
    var made = replace(unit, answer.unit);
    if (isSaved) {
      document.querySelectorAll("[data-refusal]").forEach(function (refusal) { refusal.remove(); });
    }
    if (typedMeanwhile !== null && areaOf(made)) {
      areaOf(made).value = typedMeanwhile;
      keep(made);
      keepSoon(made, IDLE);
    }
    if (answer.progress) {
      document.getElementById("progress").innerHTML = answer.progress;
    }
    tell(answer.told);
    if (isSaved && typedMeanwhile === null) {
      goOn(answer, made);
    } else {
      go(made);
    }
  }

  /* What the script cannot deal with is sent as a form: the portal answers with a page, and keeps what was typed. */
  function sendAsForm(unit, action) {
    var form = areaOf(unit).form;
    var field = document.createElement("input");
    field.type = "hidden";
    field.name = unit.querySelector("button[value=save]").name;
    field.value = action;
    form.append(field);
    isLeaving = true;
    form.submit();
  }

  function notSaved(unit, sentence) {
    warn(unit, sentence);
    tell(sentence);
    keepSoon(unit, AGAIN);
  }

  function send(unit, action) {
    var sent = "";
    say(unit, words.saving);
    unit.dataset.busy = "1";
    clearTimeout(timers[unit.dataset.unit]);
    /* What is on its way to be kept comes first, so that saving knows what there is of it. */
    Promise.resolve(keeping[unit.dataset.unit]).then(function () {
      sent = areaOf(unit).value;
      return unit.isConnected ? post(unit, action) : null;
    }).then(function (response) {
      if (!response) {
        return null;
      }
      if (isPassing(response)) {
        notSaved(unit, response.status === 429 ? words.unsentTooOften : words.unsent);
        return null;
      }
      if (!isOurs(response) && isTooLong(unit, response)) {
        warn(unit, words.tooLong);
        tell(words.tooLong);
        return null;
      }
      if (!isOurs(response)) {
        if (response.type === "opaqueredirect") {
          /* The sign-in has ended: the portal has what was typed, and gives it back after it. */
          forget(unit);
        }
        sendAsForm(unit, action);
        return null;
      }
      isSignedOut = false;
      return response.json().then(function (answer) {
        var now = areaOf(unit).value;
        put(unit, answer, response.ok, now === sent ? null : now);
      });
    }).catch(function () {
      notSaved(unit, words.unsent);
    }).then(function () {
      delete unit.dataset.busy;
    });
  }

  /* Of the page of all units what no unit's own button sends goes as it is: all that was typed goes with it. Enter in a
     field presses the first button of the form, and is for the unit of that field. */
  work.addEventListener("submit", function (event) {
    var button = event.submitter;
    var isByEnter = button && button.tabIndex < 0;
    var unit = unitOf(isByEnter ? document.activeElement : button);
    var action = !button || isByEnter ? "next" : button.value;
    if (!unit || action === "review") {
      isLeaving = isList;
      return;
    }
    event.preventDefault();
    if (!unit.dataset.busy) {
      send(unit, action);
    }
  });

  /* What was typed goes along to the sign-in, and comes back with whoever has signed in. */
  work.addEventListener("click", function (event) {
    var isPlain = !(event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (isPlain && event.target.closest("[data-sign-in]")) {
      var unit = unitOf(event.target);
      event.preventDefault();
      forget(unit);
      sendAsForm(unit, "keep");
    }
  });

  window.addEventListener("pageshow", function () {
    isLeaving = false;
  });
  window.addEventListener("beforeunload", function (event) {
    if (!isLeaving && units().some(isChanged)) {
      event.preventDefault();
      event.returnValue = "";
    }
  });

  /* --- where to begin ---------------------------------------------------------------------------------------- */

  var wanted = /^#u(\d+)$/.exec(location.hash);
  var target = wanted && document.getElementById("u" + wanted[1]);
  if (work.dataset.work === "list" && wanted && !target && !/[?&]unit=/.test(location.search)) {
    /* On another page of the list: the portal finds it. */
    location.replace("?show=all&unit=" + wanted[1] + location.hash);
    return;
  }
  document.querySelector(".pt-work__keys").hidden = false;
  work.classList.add("pt-work--single", "pt-work--script");
  dropOthers();
  units().forEach(bringBack);
  /* What came back after signing in is kept at once; what the portal refused, when something is typed in it. */
  units().filter(isChanged).forEach(function (unit) {
    keepSoon(unit, IDLE);
  });
  /* What came back is where one goes on: on a phone nothing else of the list is seen. */
  target = target || units().filter(isChanged)[0];
  here(target || units()[0]);
  if (target) {
    go(target);
    /* The browser goes to the fragment itself once all is there, and takes the focus away with it. */
    window.addEventListener("load", function () {
      setTimeout(go, 0, target);
    });
  }
}());
