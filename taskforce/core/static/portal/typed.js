/* What somebody typed is not lost: carried over to another language, and a warning before the page is left. */
(function () {
  "use strict";

  var PREFIX = "typed:";
  var KEPT = 10 * 60 * 1000; /* milliseconds */
  var NEVER = { csrfmiddlewaretoken: true, form_key: true };
  var NOT_TYPED = /^(hidden|password|file|submit|button|reset|image|fieldset|output|select-multiple)$/;

  /* A translation belongs to one language, and its own script keeps it. */
  var form = document.querySelector("main form[data-main]:not([data-work] form)");
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

  /* Something stands in the form that the server has not kept; a form that came back with errors is such a one. */
  function isUnsaved() {
    return fields().some(isChanged) || Boolean(document.querySelector("main .pt-error-summary"));
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

  function store() {
    var typed = fields().map(function (field) {
      return { name: field.name, value: field.value, checked: canBeChecked(field) ? field.checked : null };
    });
    try {
      storage().setItem(key(), JSON.stringify({ at: Date.now(), typed: typed }));
      return true;
    } catch (error) {
      return false;
    }
  }

  function dropOld(kept) {
    Object.keys(kept).forEach(function (name) {
      if (name.startsWith(PREFIX)) {
        var at = JSON.parse(kept.getItem(name)).at;
        if (!(Date.now() - at < KEPT)) {
          kept.removeItem(name);
        }
      }
    });
  }

  /* What was stored for this page, once. */
  function take() {
    var kept = storage();
    if (!kept) {
      return [];
    }
    dropOld(kept);
    var found = kept.getItem(key());
    kept.removeItem(key());
    return found ? JSON.parse(found).typed : [];
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
  function restore() {
    var typed = take();
    if (!form) {
      return false;
    }
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

  /* A polite live region: there first, then filled, so that screen readers say it. */
  function tell(sentence) {
    var region = document.createElement("div");
    region.setAttribute("role", "status");
    region.className = "pt-carried";
    form.before(region);
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
  }

  /* What came back is not hidden in what is folded away. */
  function unfold() {
    var folded = form.closest("details");
    if (folded) {
      folded.open = true;
    }
  }

  var sentence = document.body.dataset.carried;
  if (restore() && sentence) {
    unfold();
    tell(sentence);
  }
  if (!form) {
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
    if (!isLeaving && form.querySelector("textarea:not([readonly])") && isUnsaved()) {
      event.preventDefault();
      event.returnValue = "";
    }
  });
}());
