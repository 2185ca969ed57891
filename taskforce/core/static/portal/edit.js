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

  /* --- saving by itself ------------------------------------------------------------------------------------------- */

  var form = document.querySelector("form[data-autosave]");
  var status = form && form.querySelector("[data-autosave-status]");
  var timer = null;
  var isSending = false;
  var isLeaving = false;
  if (!form || !status) {
    return;
  }

  function texts(within) {
    return Array.from(within.querySelectorAll("textarea[data-edit-text]"));
  }

  function kindOf(field) {
    return form.elements[field.name.replace(/^text-/, "kind-")];
  }

  function chosenAtFirst(select) {
    var found = Array.from(select.options).find(function (option) { return option.defaultSelected; });
    return found ? found.value : select.options[0].value;
  }

  function isChanged(field) {
    var kind = kindOf(field);
    return field.value !== field.defaultValue || Boolean(kind && kind.value !== chosenAtFirst(kind));
  }

  function say(sentence) {
    status.textContent = sentence;
  }

  /* What was sent is saved as it was typed. Of what nobody has touched here the newest stays; what else differs is left
     with its old version, so that saving it once more shows both texts. */
  function takeOver(field, sent, page) {
    var theirs = page.querySelector("textarea[name='" + field.name + "']");
    var version = page.querySelector("input[name='" + field.name.replace(/^text-/, "version-") + "']");
    var own = form.elements[field.name.replace(/^text-/, "version-")];
    if (!theirs || !version || !own) {
      return;
    }
    var kind = kindOf(field);
    var theirKind = page.querySelector("select[name='" + field.name.replace(/^text-/, "kind-") + "']");
    if (sent.text.trim() === theirs.value && (!kind || !theirKind || sent.kind === theirKind.value)) {
      own.value = version.value;
      field.defaultValue = sent.text;
      if (kind) {
        Array.from(kind.options).forEach(function (option) {
          option.defaultSelected = option.value === sent.kind;
        });
      }
    } else if (!isChanged(field)) {
      own.value = version.value;
      field.value = field.defaultValue = theirs.value;
    }
  }

  function save() {
    timer = null;
    if (isLeaving || isSending || !texts(form).some(isChanged)) {
      return;
    }
    isSending = true;
    var sent = {};
    texts(form).forEach(function (field) {
      var kind = kindOf(field);
      sent[field.name] = { text: field.value, kind: kind ? kind.value : "" };
    });
    var data = new URLSearchParams(new FormData(form));
    data.set("act", "save");
    fetch(form.action, { method: "POST", body: data, credentials: "same-origin" }).then(function (answer) {
      return answer.ok ? answer.text() : "";
    }).then(function (answered) {
      var page = new DOMParser().parseFromString(answered, "text/html");
      if (!page.querySelector("form[data-autosave]") || page.querySelector(".pt-error-summary")) {
        say(form.dataset.notSaved);
        return;
      }
      /* A field that is written into while it is sent keeps what is written, and is sent again. */
      texts(form).forEach(function (field) {
        takeOver(field, sent[field.name], page);
      });
      say(form.dataset.saved);
      if (texts(form).some(isChanged)) {
        wait();
      }
    }).catch(function () {
      say(form.dataset.notSaved);
    }).then(function () {
      isSending = false;
    });
  }

  function wait() {
    clearTimeout(timer);
    timer = setTimeout(save, IDLE);
  }

  form.addEventListener("input", function () {
    say("");
    wait();
  });
  form.addEventListener("submit", function () {
    isLeaving = true;
    clearTimeout(timer);
  });
  window.addEventListener("pageshow", function () {
    isLeaving = false;
  });
}());
