/* How much of its limit a text has used, beneath its field, counted as the server counts it. It only tells: nothing is cut
   off. Whoever hears the page is told where little is left, or too much is there, once they stop typing. */
(function () {
  "use strict";

  var NEAR = 0.9; /* of the limit */
  var SHOWN = 0.5; /* of that of a line, in which nobody writes much */
  var QUIET = 1000; /* milliseconds after the last change */
  /* What the server counts as nothing: a text of which nobody sees anything. */
  var SEEN = /[^\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800\u{1d159}]|[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]/u;
  var CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;
  var AROUND = /^[\t\n\u0085\p{Z}]+|[\t\n\u0085\p{Z}]+$/gu;
  var form = document.querySelector("form[data-count-of]");
  if (!form) {
    return;
  }
  var words = form.dataset;
  /* Only where a limit counts them twice. */
  var wide = words.countWide && new RegExp("[" + words.countWide.split(" ").map(function (range) {
    return range.split("-").map(function (code) { return "\\u{" + code + "}"; }).join("-");
  }).join("") + "]", "gu");
  var inDigits = new Intl.NumberFormat(document.documentElement.lang, { numberingSystem: "latn", useGrouping: true });
  var region = document.createElement("p");
  var timer = null;

  function counted(field) {
    var text = field.value.replace(/\r\n?/g, "\n").replace(CONTROLS, "").normalize("NFC").replace(AROUND, "");
    if (!SEEN.test(text)) {
      return 0;
    }
    return Array.from(text).length + ("wide" in field.dataset ? (text.match(wide) || []).length : 0);
  }

  function said(sentence, count, most) {
    return sentence.replace("{count}", inDigits.format(count)).replace("{most}", inDigits.format(most));
  }

  /* What is read aloud: nothing, as long as there is room. */
  function warning(count, most) {
    if (count > most) {
      return said(words.countOver, count - most, most);
    }
    return count >= most * NEAR ? said(words.countLeft, most - count, most) : "";
  }

  function show(field, line) {
    var most = Number(field.dataset.most);
    var count = counted(field);
    line.textContent = warning(count, most) || said(words.countOf, count, most);
    line.classList.toggle("pt-count--over", count > most);
    line.hidden = field.tagName !== "TEXTAREA" && count < most * SHOWN;
    return warning(count, most);
  }

  function follow(field) {
    var line = document.createElement("p");
    line.className = "pt-count";
    line.id = field.id + "_count";
    field.closest(".cdx-field__control").after(line);
    field.setAttribute("aria-describedby", ((field.getAttribute("aria-describedby") || "") + " " + line.id).trim());
    show(field, line);
    field.addEventListener("put", function () { show(field, line); });
    field.addEventListener("input", function () {
      var warned = show(field, line);
      clearTimeout(timer);
      timer = setTimeout(function () { region.textContent = warned; }, QUIET);
    });
  }

  region.className = "pt-visually-hidden";
  region.setAttribute("role", "status");
  region.dataset.counted = "";
  form.append(region);
  form.querySelectorAll("[data-most]").forEach(follow);
}());
