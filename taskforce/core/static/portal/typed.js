/* What somebody typed is not lost: carried over to another language, and a warning before the page is left. Nor is it
   anybody else's: what is left of another person's words in this tab goes, also on the staff side, which uses nothing else
   of this file. */
(function () {
  "use strict";

  var PREFIX = "typed:";
  var KEPT = 10 * 60 * 1000; /* milliseconds */
  /* What `translate.js` keeps here, and for how long. */
  var TRANSLATING = "translating:";
  var TRANSLATING_KEPT = 30 * 60 * 1000;
  /* What `draft.js` keeps here until the portal has it: the browser's own draft, which whoever uses it finds. */
  var DRAFT = "draft:";
  var NEVER = { csrfmiddlewaretoken: true, form_key: true };
  var NOT_TYPED = /^(hidden|password|file|submit|button|reset|image|fieldset|output|select-multiple)$/;

  /* What `groups.js` keeps in the browser, past this tab, until the portal has it. */
  var UNSAVED = "unsaved:";
  var UNSAVED_KEPT = 14 * 24 * 60 * 60 * 1000;
  /* A translation belongs to one language, and its own script keeps it; what saves itself by groups is kept by that. */
  var form = document.querySelector("main form[data-main]:not([data-work] form):not([data-groups])");
  /* Whose page it is: the mark of the account; "" for a visitor, and on what is the same for everybody. */
  var whose = document.querySelector("[data-owner]");
  var OWNER = whose ? whose.dataset.owner : "";
  var words = document.body.dataset;
  var shown = []; /* what stands on this page to be copied */
  var isCopied = false;
  var isLeaving = false;

  /* The page's address without its language: what was typed belongs to the same page in every language. */
  function key() {
    return PREFIX + location.pathname.replace(/^\/[^/]+/, "");
  }

  function fields() {
    return Array.from(form.elements).filter(function (field) {
      return field.name && !NEVER[field.name] && !NOT_TYPED.test(field.type) && !field.closest(".pt-honeypot");
    });
  }

  function canBeChecked(field) {
    return field.type === "radio" || field.type === "checkbox";
  }

  function isChanged(field) {
    if (canBeChecked(field)) {
      return field.checked !== field.defaultChecked;
    }
    if (field.options) {
      var chosen = Array.from(field.options).findIndex(function (option) { return option.defaultSelected; });
      return field.selectedIndex !== Math.max(chosen, 0);
    }
    return field.value !== field.defaultValue;
  }

  /* A form that came back with errors holds what the server has not kept. */
  function cameBack() {
    return Boolean(document.querySelector("main .pt-error-summary"));
  }

  function isUnsaved() {
    return shown.length > 0 || Boolean(form) && (fields().some(isChanged) || cameBack());
  }

  /* --- carried over -------------------------------------------------------------------------------------------- */

  /* Storage can be switched off; then nothing is carried over. */
  function storage() {
    try {
      return window.sessionStorage;
    } catch (error) {
      return null;
    }
  }

  function labelOf(field) {
    var label = field.labels && field.labels[0];
    return label ? label.textContent.trim() : "";
  }

  /* Which may be another one than the page's, and the page that shows it is in another language again. */
  function languageOf(field) {
    var label = field.labels && field.labels[0];
    return label ? (label.querySelector("[lang]") || label.closest("[lang]")).lang : "";
  }

  /* With whether somebody wrote it: what a page without its field shows to be copied. */
  function asStored(field) {
    var isWritten = !canBeChecked(field) && !field.options && (isChanged(field) || cameBack());
    return {
      name: field.name, value: field.value, checked: canBeChecked(field) ? field.checked : null,
      label: isWritten && field.value.trim() ? labelOf(field) : null, language: languageOf(field)
    };
  }

  function store() {
    var typed = (form ? fields().map(asStored) : []).concat(shown);
    try {
      storage().setItem(key(), JSON.stringify({ owner: OWNER, at: Date.now(), typed: typed }));
      return true;
    } catch (error) {
      return false;
    }
  }

  function stored(kept, name) {
    try {
      return JSON.parse(kept.getItem(name));
    } catch (error) {
      return null;
    }
  }

  /* A machine may be shared, and whoever opens the next page may be somebody else. What an account's person typed waits
     for them past pages that do not say who is there; a visitor's words, which are anybody's, for their own page alone. */
  function mayStay(name, one) {
    if (name.startsWith(DRAFT)) {
      return Boolean(one) && Date.now() - one.at < KEPT;
    }
    var age = one && typeof one.owner === "string" ? Date.now() - one.at : -1;
    if (age < 0 || age >= (name.startsWith(PREFIX) ? KEPT : TRANSLATING_KEPT)) {
      return false;
    }
    return OWNER ? one.owner === OWNER : Boolean(one.owner) || name === key();
  }

  function dropOthers(kept) {
    Object.keys(kept).forEach(function (name) {
      var isTyped = name.startsWith(PREFIX) || name.startsWith(TRANSLATING) || name.startsWith(DRAFT);
      if (isTyped && !mayStay(name, stored(kept, name))) {
        kept.removeItem(name);
      }
    });
  }

  /* What another account typed, or long ago, goes; past a page that does not say who is there, what is somebody's stays. */
  function dropUnsaved(kept, isAll) {
    Object.keys(kept).filter(function (name) { return name.startsWith(UNSAVED); }).forEach(function (name) {
      var one = stored(kept, name);
      var isTheirs = one && one.owner && (!OWNER || one.owner === OWNER) && Date.now() - one.at < UNSAVED_KEPT;
      if (isAll || !isTheirs) {
        kept.removeItem(name);
      }
    });
  }

  function lasting() {
    try {
      return window.localStorage;
    } catch (error) {
      return null;
    }
  }

  /* What this person stored for this page. */
  function found(kept) {
    var one = stored(kept, key());
    return one && one.owner === OWNER ? one.typed : [];
  }

  function put(field, one) {
    if (canBeChecked(field)) {
      field.checked = one.checked;
      return;
    }
    var isOffered = !field.options || Array.from(field.options).some(function (option) {
      return option.value === one.value;
    });
    if (isOffered) {
      field.value = one.value;
    }
  }

  /* Radio buttons and checkboxes are told apart by their value, everything else by its name alone. */
  function isOf(field, one) {
    return field.name === one.name && (canBeChecked(field) ? field.value === one.value : one.checked === null);
  }

  /* Puts back what was stored, where nothing else has been typed; returns whether that changed anything. */
  function fill(typed) {
    /* Asked before the first radio button of a group is set, which changes the others. */
    var untouched = fields().filter(function (field) { return !isChanged(field); });
    untouched.forEach(function (field) {
      var one = typed.find(function (each) { return isOf(field, each); });
      if (one) {
        put(field, one);
      }
    });
    return typed.length > 0 && untouched.some(isChanged);
  }

  /* What somebody wrote that no field of this page has: its form may be closed by now, or ask something else. */
  function homeless(typed) {
    return typed.filter(function (one) {
      return one.label !== null && !(form && fields().some(function (field) {
        return isOf(field, one) && field.value === one.value;
      }));
    });
  }

  /* In front of the form; on a page without one below its title. */
  function place(element) {
    var title = document.querySelector("main h1");
    if (form) {
      form.before(element);
    } else if (title) {
      title.after(element);
    } else {
      document.querySelector("main").prepend(element);
    }
  }

  /* A polite live region: there first, then filled, so that screen readers say it. */
  function tell(sentence) {
    var region = document.createElement("div");
    region.setAttribute("role", "status");
    region.className = "pt-carried";
    place(region);
    setTimeout(function () {
      var message = document.createElement("div");
      message.className = "cdx-message cdx-message--block pt-notice";
      var icon = document.createElement("span");
      icon.className = "cdx-message__icon";
      var content = document.createElement("div");
      content.className = "cdx-message__content";
      content.textContent = sentence;
      message.append(icon, content);
      region.append(message);
    }, 100);
    return region;
  }

  function asText(one) {
    var whole = document.createElement("div");
    whole.className = "pt-text";
    if (one.label) {
      var title = document.createElement("p");
      var label = document.createElement("strong");
      label.dir = "auto";
      if (one.language) {
        label.lang = one.language;
      }
      label.textContent = one.label;
      title.append(label);
      whole.append(title);
    }
    var text = document.createElement("pre");
    text.className = "pt-typed";
    text.dir = "auto";
    text.textContent = one.value;
    whole.append(text);
    return whole;
  }

  function showToCopy() {
    var section = document.createElement("section");
    var title = document.createElement("h2");
    title.textContent = words.typed;
    section.append(title);
    shown.forEach(function (one) { section.append(asText(one)); });
    tell(words.unsaved).after(section);
    section.addEventListener("copy", function () { isCopied = true; });
  }

  /* What came back is not hidden in what is folded away. */
  function unfold() {
    var folded = form.closest("details");
    if (folded) {
      folded.open = true;
    }
  }

  /* The stored copy goes once it stands on the page. */
  function restore(kept) {
    var typed = found(kept);
    var isFilled = Boolean(form) && fill(typed);
    shown = homeless(typed);
    if (shown.length) {
      showToCopy();
    }
    if (isFilled) {
      unfold();
      tell(words.carried);
    }
    if (typed.length) {
      kept.removeItem(key());
    }
  }

  if (storage()) {
    dropOthers(storage());
  }
  if (lasting()) {
    dropUnsaved(lasting(), false);
  }
  /* Whoever signs out leaves nothing behind in this browser. */
  document.addEventListener("submit", function (event) {
    if (lasting() && event.target.matches("[action*='/accounts/logout/']")) {
      dropUnsaved(lasting(), true);
    }
  });
  if (!words.typed) {
    return;
  }
  if (storage()) {
    restore(storage());
  }
  if (!form && !shown.length) {
    return;
  }

  document.querySelectorAll(".pt-menu--languages a[hreflang]").forEach(function (link) {
    link.addEventListener("click", function (event) {
      var isElsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
      if (!isElsewhere && isUnsaved()) {
        isLeaving = store();
      }
    });
  });

  /* --- the warning ---------------------------------------------------------------------------------------------- */

  document.addEventListener("submit", function (event) {
    isLeaving = !event.defaultPrevented;
  });
  /* Back from the browser's memory: nothing has been sent from this page as it stands. */
  window.addEventListener("pageshow", function () {
    isLeaving = false;
  });
  window.addEventListener("beforeunload", function (event) {
    /* Only where a text could be lost; nobody minds a single line. */
    var isText = form && form.querySelector("textarea:not([readonly])") && (fields().some(isChanged) || cameBack());
    /* `draft.js` sends it on its way, where it can. */
    if (form && !form.dispatchEvent(new CustomEvent("leaving", { cancelable: true }))) {
      isText = false;
    }
    if (!isLeaving && (isText || shown.length && !isCopied)) {
      event.preventDefault();
      event.returnValue = "";
    }
  });
}());
