/* Saves what is typed in a long form by itself, group by group, as its button "Save draft" does without this file. What is
   not saved yet stays in this browser, for its person alone, until the portal has it: neither a lost network nor a closed
   browser costs it. Where the same field was changed elsewhere too, both texts are shown, and one is chosen. */
(function () {
  "use strict";

  var IDLE = 1000; /* milliseconds after the last change */
  var APART = 8000; /* two savings at least */
  var AGAIN = 20000; /* until it is tried again where nobody answers */
  var LATEST = 600000; /* the longest wait that a server may ask for */
  var LONGEST = 5000; /* that a button waits for what is on its way */
  var STORE = 200; /* until what is typed is in the browser's storage */
  var MOST = 4; /* of what was sent and not answered is known again */
  var KEPT = 14 * 24 * 3600 * 1000; /* milliseconds, in this browser */
  var PREFIX = "unsaved:"; /* `typed.js` drops those of other people, and all of them where somebody signs out */
  var TAB = "unsaved-tab";
  var MERGED = "#merged="; /* and the names of the fields that were chosen from */
  var of = window.portalFields;
  var form = document.querySelector("form[data-groups]");
  var place = document.querySelector("[data-unsaved-here]");
  var whose = document.querySelector("[data-owner]");
  var OWNER = whose ? whose.dataset.owner : "";
  if (!of || !window.fetch || !OWNER || !(form || place)) {
    return;
  }
  var words = (form || place).dataset;
  var status = document.querySelector("[data-draft-status]");
  var notice = document.querySelector("[data-draft-notice]");
  var beginnings = JSON.parse(words.of); /* of the names of fields, by group */
  var id = Date.now().toString(36) + Math.random().toString(36).slice(2, 8);
  var base = {}; /* of each field what the portal has, as far as this page knows */
  var unheard = []; /* what was sent from here and not answered: the portal may have it all the same */
  var torn = {}; /* fields that were changed here and elsewhere: what the portal has */
  var pending = {}; /* groups with such fields: the version that goes with what the portal has */
  var timer = null;
  var storing = null;
  var sending = null;
  var isAsked = false; /* to save once more, while something was on its way */
  var last = -APART;
  var isAway = false; /* the portal, when something was sent last */
  var isStopped = false;
  var isSignedOut = false;
  var isStale = false; /* perhaps the form is that of an earlier session */
  var isStored = true; /* what is not saved is in the browser's storage */
  var isWaiting = false;
  var isLeaving = false; /* the next page may be drawn before what is on its way arrives */

  /* --- fields --------------------------------------------------------------------------------------------------------- */

  function groupOf(field) {
    return Object.keys(beginnings).find(function (one) {
      return beginnings[one].some(function (begin) { return field.name.startsWith(begin); });
    }) || "answers";
  }

  function fields() {
    return form ? of.of(form) : [];
  }

  function named(name) {
    return fields().filter(function (field) { return field.name === name; });
  }

  /* {name: all that is typed or chosen}; as it was drawn, before anybody typed. */
  function typed(isAsDrawn) {
    var found = {};
    fields().forEach(function (field) {
      found[field.name] = (found[field.name] || []).concat(of.valuesOf(field, isAsDrawn));
    });
    return found;
  }

  /* What is put somewhere, or is to be chosen, is not hidden in what is folded away. */
  function unfold(field) {
    for (var around = field.closest("details"); around; around = around.parentElement.closest("details")) {
      around.open = true;
    }
  }

  /* Ids and names end with the number of the row; so do labels, in every language. */
  function renumber(row, before, now) {
    row.dataset.row = String(now);
    row.querySelectorAll("*").forEach(function (one) {
      ["id", "for", "name", "aria-describedby"].forEach(function (name) {
        if (one.hasAttribute(name)) {
          one.setAttribute(name, one.getAttribute(name).replace(new RegExp("-" + before + "(?!\\d)", "g"), "-" + now));
        }
      });
      one.childNodes.forEach(function (node) {
        if (node.nodeType === Node.TEXT_NODE && one.closest("label")) {
          node.nodeValue = node.nodeValue.replace(new RegExp("(^|\\D)" + before + "(?!\\d)"), "$1" + now);
        }
      });
    });
  }

  /* A row as the portal draws it where nothing stands in it, beneath the last one. */
  function addRow(last) {
    var number = Number(last.dataset.row);
    var row = last.cloneNode(true);
    row.querySelectorAll(".pt-count, .pt-both, .cdx-field__validation-message").forEach(function (one) { one.remove(); });
    row.querySelectorAll("[class*='--status-error']").forEach(function (one) {
      one.className = one.className.replace(/\S+--status-error/g, "");
    });
    renumber(row, number, number + 1);
    row.querySelectorAll("[name]").forEach(function (field) {
      field.removeAttribute("aria-invalid");
      of.put(field, []);
      of.settle(field);
      base[field.name] = [];
    });
    last.after(row);
    return row;
  }

  /* Another window may have added rows: whether this page has the field of this name, by now. */
  function isThere(name) {
    var number = Number((/-(\d+)$/.exec(name) || [])[1]);
    var rows = form ? form.querySelectorAll("[data-row]") : [];
    var last = rows[rows.length - 1];
    var like = last && last.querySelector("[name='" + name.replace(/\d+$/, last.dataset.row) + "']");
    while (like && Number(last.dataset.row) < Math.min(number, Number(last.parentElement.dataset.rows))) {
      last = addRow(last);
    }
    return named(name).length > 0;
  }

  function put(name, values) {
    named(name).forEach(function (field) { of.put(field, values); });
    if (values.some(Boolean)) {
      unfold(named(name)[0]);
    }
  }

  function group(name) {
    return groupOf(named(name)[0]);
  }

  /* Also what was sent, perhaps in vain, and then taken back. */
  function changed() {
    var now = typed();
    return Object.keys(now).filter(function (name) {
      return !of.isSame(now[name], base[name]) || unheard.some(function (one) { return name in one && !of.isSame(now[name], one[name]); });
    });
  }

  function hidden(name) {
    return form.elements[name + ""];
  }

  /* Groups that can be sent: without those in which somebody has to choose first. */
  function toSend() {
    var found = {};
    changed().forEach(function (name) {
      if (!(group(name) in pending)) {
        found[group(name)] = true;
      }
    });
    return Object.keys(found);
  }

  function labelOf(name) {
    var field = named(name)[0];
    var legend = field.closest("fieldset") && field.closest("fieldset").querySelector("legend");
    var whole = of.canBeChecked(field) && legend ? legend : field.labels && field.labels[0];
    var label = whole && whole.querySelector(".cdx-label__label__text") || whole;
    return label ? label.textContent.replace(/\s+/g, " ").trim() : "";
  }

  /* What somebody chose is shown by its label, what they wrote as it is. */
  function inWords(name, values) {
    var said = named(name).map(function (field) {
      if (of.canBeChecked(field)) {
        return values.indexOf(field.value) !== -1 && field.labels[0] ? field.labels[0].textContent.trim() : "";
      }
      return field.options ? Array.from(field.options).filter(function (option) {
        return option.value && values.indexOf(option.value) !== -1;
      }).map(function (option) { return option.textContent.trim(); }).join("\n") : values.join("\n");
    }).filter(Boolean).join("\n");
    return said || words.nothing;
  }

  /* --- what is said ----------------------------------------------------------------------------------------------------- */

  function say(sentence) {
    if (status && status.textContent !== sentence) {
      status.textContent = sentence;
    }
  }

  function element(name, className, text) {
    var made = document.createElement(name);
    made.className = className || "";
    if (text) {
      made.textContent = text;
    }
    return made;
  }

  function message(kind, sentence) {
    var made = element("div", "cdx-message cdx-message--block cdx-message--" + kind + " pt-notice");
    var content = element("div", "cdx-message__content");
    var sign = element("span", "cdx-message__icon");
    /* Codex has a sign of a notice for Arabic, which would stand there for a warning too: a sign is of no language. */
    sign.lang = "zxx";
    content.append(element("p", "", sentence));
    made.append(sign, content);
    return made;
  }

  function button(label, act) {
    var made = element("button", "cdx-button", label);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  }

  /* All that somebody wrote, as one text: to be copied, or taken along as a file. */
  function asText(said) {
    return said.map(function (one) { return (one.label ? one.label + "\n\n" : "") + one.text; }).join("\n\n\n");
  }

  function everything() {
    var now = typed();
    return Object.keys(now).filter(function (name) { return now[name].some(Boolean); }).map(function (name) {
      return { label: labelOf(name), text: inWords(name, now[name]) };
    });
  }

  function download(text) {
    var link = element("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    link.download = words.file + ".txt";
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
  }

  function takingAlong(said) {
    var actions = element("p", "pt-actions");
    var done = element("span", "pt-meta");
    done.setAttribute("role", "status");
    if (navigator.clipboard) {
      actions.append(button(words.copy, function () {
        navigator.clipboard.writeText(asText(said())).then(function () { done.textContent = words.copied; }, function () {});
      }));
    }
    actions.append(button(words.download, function () { download(asText(said())); }), done);
    return actions;
  }

  /* What has to be done stands in a notice until it is done. */
  function warn(sentence, more) {
    say(words.see);
    if (!notice) {
      return;
    }
    if (notice.dataset.says === sentence) {
      return;
    }
    notice.dataset.says = sentence;
    notice.textContent = "";
    var made = message("warning", sentence);
    if (more) {
      made.querySelector(".cdx-message__content").append(more);
    }
    notice.append(made);
  }

  function unwarn() {
    if (notice) {
      notice.textContent = "";
      delete notice.dataset.says;
    }
  }

  function signIn() {
    var whole = element("p");
    var link = element("a", "", words.signIn);
    link.href = words.signInUrl;
    link.target = "_blank";
    whole.append(link);
    return whole;
  }

  /* --- what is kept in this browser ------------------------------------------------------------------------------------ */

  /* What was typed belongs to its call, in every language and by whichever address somebody came. */
  var PAGE = PREFIX + words.keptAs + "#";

  function storage(act) {
    try {
      return act(window.localStorage);
    } catch (error) {
      return null;
    }
  }

  function shown() {
    var version = {};
    form.querySelectorAll("[name^='version-']").forEach(function (one) { version[one.name] = one.value; });
    return version;
  }

  /* What the portal does not have yet, with what it had when that was typed. */
  function store() {
    clearTimeout(storing);
    storing = null;
    if (!form) {
      return;
    }
    var names = changed();
    var now = typed();
    var one = { owner: OWNER, at: Date.now(), sent: unheard, typed: {}, base: {}, labels: {}, texts: {} };
    names.forEach(function (name) {
      one.typed[name] = now[name];
      one.base[name] = name in torn || !(name in base) ? null : base[name];
      one.labels[name] = labelOf(name);
      one.texts[name] = inWords(name, now[name]);
    });
    isStored = storage(function (kept) {
      if (names.length) {
        kept.setItem(PAGE + id, JSON.stringify(one));
      } else if (!isLeaving) {
        kept.removeItem(PAGE + id);
      }
      return true;
    }) === true;
  }

  function storeSoon() {
    if (!storing) {
      storing = setTimeout(store, STORE);
    }
  }

  function left() {
    return storage(function (kept) {
      return Object.keys(kept).filter(function (name) { return name.startsWith(PAGE) && name !== PAGE + id; }).map(function (name) {
        var one = null;
        try {
          one = JSON.parse(kept.getItem(name));
        } catch (error) { /* not ours */ }
        return one && one.owner === OWNER && Date.now() - one.at < KEPT ? { key: name, one: one } : null;
      }).filter(Boolean).sort(function (first, second) { return first.one.at - second.one.at; });
    }) || [];
  }

  /* Which of them belong to tabs that are still open, and look after themselves. */
  function alive() {
    if (!navigator.locks || !navigator.locks.query) {
      return Promise.resolve([]);
    }
    navigator.locks.request(PAGE + id, function () { return new Promise(function () {}); }).catch(function () {});
    return navigator.locks.query().then(function (found) {
      return found.held.map(function (one) { return one.name; });
    }, function () { return []; });
  }

  /* --- three texts: what was there, what was typed here, what the portal has by now ------------------------------------ */

  function wasSent(name, values, sent) {
    return sent.some(function (one) { return name in one && of.isSame(one[name], values); });
  }

  /* What is to stand in a field: null where somebody has to choose. */
  function merge(name, mine, before, theirs, sent) {
    if (of.isSame(mine, theirs)) {
      return theirs;
    }
    if (wasSent(name, theirs, sent)) {
      return mine;
    }
    if (before && of.isSame(mine, before)) {
      return theirs;
    }
    /* Nobody has to choose between a text and nothing, unless it is known that it was taken away. */
    return of.isSame(theirs, before || []) ? mine : null;
  }

  function choose(name, values) {
    if (values) {
      put(name, values);
    }
    base[name] = torn[name].stored;
    torn[name].box.remove();
    var its = group(name);
    delete torn[name];
    if (!Object.keys(torn).some(function (other) { return group(other) === its; })) {
      advance(its, pending[its] || {});
      delete pending[its];
    }
    named(name)[0].focus();
    if (!Object.keys(torn).length) {
      unwarn();
    }
    store();
    wait(0);
  }

  /* Both texts, beneath the field. */
  function ask(name, theirs) {
    if (name in torn) {
      torn[name].box.remove();
    }
    var field = named(name)[0];
    var box = element("section", "pt-both");
    unfold(field);
    box.setAttribute("aria-label", words.both);
    var made = message("warning", words.both);
    var content = made.querySelector(".cdx-message__content");
    var text = element("pre", "pt-typed");
    text.dir = "auto";
    text.tabIndex = 0;
    text.textContent = inWords(name, theirs);
    var actions = element("p", "pt-actions");
    actions.append(button(words.mine, function () { choose(name, null); }), button(words.theirs, function () { choose(name, theirs); }));
    content.append(element("p", "cdx-label__label", words.stored), text, actions);
    box.append(made);
    (field.closest(".pt-field") || field).after(box);
    torn[name] = { stored: theirs, box: box };
  }

  /* Where a group stands by now: what the portal said with it goes along with what is sent next. */
  function advance(one, said) {
    if (said.version && hidden("version-" + one)) {
      hidden("version-" + one).value = said.version;
    }
    if (said.marks && hidden("marks-" + one)) {
      hidden("marks-" + one).value = said.marks;
    }
  }

  function clash(one, said) {
    /* What this page has no room for would be sent as if it were taken away. */
    Object.keys(said.fields).forEach(isThere);
    var now = typed();
    var isTorn = false;
    Object.keys(now).filter(function (name) { return group(name) === one; }).forEach(function (name) {
      var theirs = said.fields[name] || [];
      var becomes = merge(name, now[name], base[name], theirs, unheard);
      if (becomes === null) {
        isTorn = true;
        ask(name, theirs);
        return;
      }
      base[name] = theirs;
      if (!of.isSame(becomes, now[name])) {
        put(name, becomes);
      }
    });
    if (isTorn) {
      pending[one] = said;
    } else {
      advance(one, said);
    }
  }

  /* --- saving ---------------------------------------------------------------------------------------------------------- */

  function wait(time) {
    clearTimeout(timer);
    if (!isStopped) {
      timer = setTimeout(save, time);
    }
  }

  function pause() {
    return Math.max(IDLE, last + APART - performance.now());
  }

  function stop(sentence, more) {
    isStopped = true;
    clearTimeout(timer);
    warn(sentence, more);
  }

  /* Where somebody typed on, or the network came back, after it was sent, it does not wait as if nobody had. */
  function later(sentence, time) {
    warn(sentence);
    wait(Math.min(time || (isAsked ? IDLE : AGAIN), LATEST));
  }

  /* The same moment by the reader's own clock, where that is another one. */
  function ownTime(instant) {
    var language = document.documentElement.lang;
    var sentence = document.body.dataset.localTime;
    var time = new Date(instant || NaN);
    if (!sentence || !time.getTimezoneOffset()) {
      return "";
    }
    var options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", numberingSystem: "latn" };
    var said = sentence.replace("{time}", time.toLocaleTimeString(language, options));
    return /^(zh|ja)/.test(language) ? "（" + said + "）" : " (" + said + ")";
  }

  function saved(said, sent) {
    Object.keys(said.versions || {}).forEach(function (one) {
      advance(one, { version: said.versions[one], marks: (said.marks || {})[one] });
    });
    Object.keys(sent).forEach(function (name) { base[name] = sent[name]; });
    unheard = [];
    var open = changed();
    fields().forEach(function (field) {
      if (open.indexOf(field.name) === -1) {
        of.settle(field);
      }
    });
    store();
    if (!Object.keys(torn).length) {
      unwarn();
    }
    if (toSend().length) {
      say(words.unsaved);
      wait(pause());
    } else if (!Object.keys(torn).length) {
      say(words.saved.replace("{time}", said.saved_at_label) + ownTime(said.saved_at));
    }
  }

  function clashed(said) {
    Object.keys(said.groups || {}).forEach(function (one) { clash(one, said.groups[one]); });
    unheard = [];
    store();
    if (Object.keys(torn).length) {
      warn(words.changed);
    }
    if (toSend().length) {
      wait(0);
    } else if (!Object.keys(torn).length) {
      say(words.taken);
    }
  }

  /* Somebody has signed in meanwhile, perhaps in another tab: the form gets that session's token, if it is theirs. */
  function renew() {
    return fetch(words.groups, { credentials: "same-origin", headers: { Accept: "application/json" } }).then(function (answer) {
      if (answer.status === 401) {
        signedOut();
        return null;
      }
      return answer.ok ? answer.json() : null;
    }).then(function (said) {
      if (!said) {
        return false;
      }
      if (said.owner !== OWNER) {
        stop(words.otherAccount, takingAlong(everything));
        return false;
      }
      hidden("csrfmiddlewaretoken").value = said.csrf;
      isSignedOut = false;
      unwarn();
      return true;
    });
  }

  function signedOut() {
    isSignedOut = true;
    warn(words.signedOut, signIn());
    wait(AGAIN);
  }

  function refused(answer) {
    return answer.json().then(function (said) {
      if (said.why === "account") {
        stop(words.otherAccount, takingAlong(everything));
      } else {
        stop(said.error + " " + words.closed, takingAlong(everything));
      }
    }, function () {
      /* Not by the page of the draft: the form's token is that of an earlier session. */
      if (isStale) {
        stop(words.notSaved, takingAlong(everything));
        return null;
      }
      isStale = true;
      return renew().then(function (isMine) {
        if (isMine) {
          wait(0);
        }
      });
    });
  }

  function answered(answer, sent) {
    isAway = false;
    if (answer.status === 401) {
      signedOut();
    } else if (answer.status === 403) {
      return refused(answer);
    } else if (answer.status === 409) {
      isStale = false;
      return answer.json().then(clashed);
    } else if (answer.status === 429 || answer.status >= 500) {
      later(answer.status === 429 ? words.tooOften : words.notReached, Number(answer.headers.get("Retry-After")) * 1000);
    } else if (!answer.ok || answer.redirected) {
      stop(words.notSaved, takingAlong(everything));
    } else {
      isStale = false;
      return answer.json().then(function (said) { saved(said, sent); });
    }
    return null;
  }

  /* The groups of which the portal may have what was sent from here though no answer came: that is no other window's, and
     what stands here as it was drawn was typed and taken back. */
  function unanswered() {
    return Object.keys(beginnings).concat("answers").filter(function (one) {
      return unheard.some(function (sent) {
        return Object.keys(sent).some(function (name) { return groupOf({ name: name }) === one; });
      });
    });
  }

  function bodyOf(groups) {
    var data = new FormData();
    ["csrfmiddlewaretoken", "form_key", "owner", "was_kept"].forEach(function (name) {
      if (hidden(name)) {
        data.set(name, hidden(name).value);
      }
    });
    groups.forEach(function (one) {
      data.append("group", one);
      ["version-", "marks-"].forEach(function (name) {
        if (hidden(name + one)) {
          data.set(name + one, hidden(name + one).value);
        }
      });
    });
    unanswered().forEach(function (one) { data.append("unheard", one); });
    fields().forEach(function (field) {
      if (groups.indexOf(groupOf(field)) !== -1) {
        of.valuesOf(field).forEach(function (value) { data.append(field.name, value); });
      }
    });
    return data;
  }

  function inGroups(groups) {
    var now = typed();
    var found = {};
    Object.keys(now).forEach(function (name) {
      if (groups.indexOf(group(name)) !== -1) {
        found[name] = now[name];
      }
    });
    return found;
  }

  /* A button says so too. */
  function tell() {
    form.querySelectorAll("input[name='unheard']").forEach(function (one) { one.remove(); });
    unanswered().forEach(function (one) {
      var said = element("input");
      said.type = "hidden";
      said.name = "unheard";
      said.value = one;
      form.append(said);
    });
  }

  function post(groups) {
    var data = bodyOf(groups);
    var sent = inGroups(groups);
    unheard = unheard.slice(-MOST).concat([sent]);
    return fetch(words.groups, {
      method: "POST", body: data, credentials: "same-origin", headers: { Accept: "application/json" }, keepalive: of.outlives(data)
    }).then(function (answer) { return answered(answer, sent); });
  }

  function away() {
    isAway = true;
    later(words.notReached);
  }

  function save() {
    clearTimeout(timer);
    var groups = toSend();
    isAsked = Boolean(sending);
    if (isStopped || sending || !groups.length) {
      return;
    }
    last = performance.now();
    var first = isSignedOut ? renew() : Promise.resolve(true);
    sending = first.then(function (isMine) {
      return isMine ? post(groups) : null;
    }).catch(away).then(function () {
      sending = null;
    });
  }

  /* The page is left, or out of sight, from where it may never come back. */
  function depart() {
    store();
    if (isStopped || isSignedOut || sending || !toSend().length) {
      return;
    }
    save();
    store();
  }

  /* Once what is on its way has arrived, or takes too long. Where nobody answered last, a page that cannot be reached
     does not take the place of this one. */
  function goOn(pressed) {
    Promise.race([sending, new Promise(function (done) { setTimeout(done, LONGEST); })]).then(function () {
      return isAway ? fetch(words.groups, { credentials: "same-origin", headers: { Accept: "application/json" } }) : null;
    }).then(function () {
      sending = null;
      isAway = isWaiting = false;
      form.requestSubmit(pressed);
    }, function () {
      isWaiting = false;
      away();
    });
  }

  /* --- what was left behind --------------------------------------------------------------------------------------------- */

  /* What no field of this page has: its form may be closed by now, or ask something else. */
  function showToCopy(said, keys) {
    var section = element("section", "pt-section");
    section.append(element("h2", "", document.body.dataset.typed), message("warning", document.body.dataset.unsaved));
    said.forEach(function (one) {
      var text = element("pre", "pt-typed", one.text);
      text.dir = "auto";
      var label = element("p", "cdx-label__label", one.label);
      label.dir = "auto";
      section.append(label, text);
    });
    var actions = takingAlong(function () { return said; });
    actions.append(button(words.drop, function () {
      storage(function (kept) { keys.forEach(function (key) { kept.removeItem(key); }); });
      section.remove();
    }));
    section.append(actions);
    if (place) {
      place.append(section);
    } else {
      form.before(section);
    }
  }

  function carried() {
    var region = element("div", "pt-carried");
    region.setAttribute("role", "status");
    form.before(region);
    var around = form.closest("details");
    if (around) {
      around.open = true;
    }
    setTimeout(function () { region.append(message("notice", document.body.dataset.carried)); }, 100);
  }

  function restore(one, homeless) {
    var isBack = false;
    Object.keys(one.typed).forEach(function (name) {
      if (!isThere(name)) {
        homeless.push({ label: one.labels[name], text: one.texts[name] });
        return;
      }
      var now = typed()[name];
      var becomes = merge(name, one.typed[name], one.base[name], now, one.sent || []);
      if (becomes === null) {
        ask(name, now);
        put(name, one.typed[name]);
        pending[group(name)] = pending[group(name)] || {};
        isBack = true;
      } else if (!of.isSame(becomes, now)) {
        put(name, becomes);
        isBack = true;
      }
    });
    return isBack;
  }

  function comeBack(held) {
    var before = stored();
    var found = left().filter(function (each) {
      return held.indexOf(each.key) === -1 || each.key === PAGE + before;
    });
    if (location.hash.startsWith(MERGED)) {
      /* Chosen from on a page of its own: what this tab had typed there before stays nowhere. */
      var chosen = decodeURIComponent(location.hash.slice(MERGED.length)).split(",");
      history.replaceState(null, "", location.pathname + location.search);
      found.filter(function (each) { return each.key === PAGE + before; }).forEach(function (each) {
        chosen.forEach(function (name) { delete each.one.typed[name]; });
      });
    }
    var homeless = [];
    var homelessKeys = [];
    var isBack = false;
    found.forEach(function (each) {
      var count = homeless.length;
      isBack = restore(each.one, homeless) || isBack;
      if (homeless.length > count) {
        homelessKeys.push(each.key);
      }
    });
    if (isBack) {
      carried();
      unheard = found.reduce(function (all, each) { return all.concat(each.one.sent || []); }, []).slice(-MOST);
    }
    store();
    if (isStored || !form) {
      storage(function (kept) {
        found.forEach(function (each) {
          if (homelessKeys.indexOf(each.key) === -1) {
            kept.removeItem(each.key);
          }
        });
      });
    }
    if (homeless.length) {
      showToCopy(homeless, homelessKeys);
    }
    if (Object.keys(torn).length) {
      warn(words.changed);
    }
    if (form && toSend().length) {
      say(words.unsaved);
      wait(0);
    }
  }

  /* Under what the page before in this tab kept it, which may not be gone yet; from now on this one. */
  function stored() {
    try {
      var before = window.sessionStorage.getItem(TAB);
      window.sessionStorage.setItem(TAB, id);
      return before;
    } catch (error) {
      return null;
    }
  }

  if (form) {
    base = form.hasAttribute("data-came-back") ? {} : typed(true);
    say(words.keeps);
    form.addEventListener("input", function (event) {
      if (!event.target.name) {
        return;
      }
      isLeaving = false;
      storeSoon();
      isAsked = Boolean(sending);
      if (!isStopped && !isSignedOut) {
        say(words.unsaved);
        wait(pause());
      }
    });
    document.addEventListener("visibilitychange", function () {
      if (document.visibilityState === "hidden") {
        depart();
      } else if (isSignedOut) {
        wait(0);
      }
    });
    window.addEventListener("pagehide", depart);
    window.addEventListener("online", function () {
      isAsked = Boolean(sending);
      wait(0);
    });
    window.addEventListener("focus", function () {
      if (isSignedOut) {
        wait(0);
      }
    });
    /* Only where it is neither saved nor in this browser. */
    window.addEventListener("beforeunload", function (event) {
      depart();
      isLeaving = true;
      if (!isStored && changed().length && !isWaiting) {
        event.preventDefault();
        event.returnValue = "";
      }
    });
    form.addEventListener("submit", function (event) {
      clearTimeout(timer);
      store();
      if (!sending && !isAway) {
        tell();
        isStopped = true;
        isWaiting = true;
        return;
      }
      event.preventDefault();
      if (isWaiting) {
        return;
      }
      isWaiting = true;
      say(words.saving);
      goOn(event.submitter);
    });
    window.addEventListener("pageshow", function (event) {
      isLeaving = false;
      if (event.persisted) {
        isStopped = isWaiting = false;
      }
    });
  }
  alive().then(comeBack);
}());
