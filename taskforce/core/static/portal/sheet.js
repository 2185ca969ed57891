/* Comfort only: looks again by itself how far a table is, as the link "Look again" does. */
(function () {
  "use strict";

  var WAIT = 2000; /* milliseconds between two looks */
  var LONGEST = 30000; /* where nobody answers */
  var wait = WAIT;

  function part() {
    return document.querySelector("[data-sheet]");
  }

  function put(html) {
    var page = new DOMParser().parseFromString(html, "text/html");
    var found = page.querySelector("[data-sheet]");
    var said = page.querySelector("[data-sheet-told]");
    var told = document.querySelector("[data-sheet-told]");
    if (!found || !said) {
      return false; /* signed out, or gone: the link leads on */
    }
    /* The same element with other words, which a screen reader hears; and only where they are others. */
    if (told.textContent !== said.textContent) {
      told.textContent = said.textContent;
    }
    part().replaceWith(document.adoptNode(found));
    return true;
  }

  function look() {
    if (!part() || !part().hasAttribute("data-waiting")) {
      return;
    }
    window.setTimeout(function () {
      fetch(window.location.href, {credentials: "same-origin"}).then(function (response) {
        return response.ok ? response.text() : Promise.reject(new Error(String(response.status)));
      }).then(function (html) {
        wait = WAIT;
        if (put(html)) {
          look();
        }
      }).catch(function () {
        wait = Math.min(wait * 2, LONGEST);
        look();
      });
    }, wait);
  }

  look();
}());
