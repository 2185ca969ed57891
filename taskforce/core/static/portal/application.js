/* Comfort in the form of an application, which works without it: its contents say how each section stands while somebody
   types, and the zone of this device is offered where none is chosen. */
(function () {
  "use strict";

  var NO_ANSWER = "-";
  var of = window.portalFields;
  var contents = document.querySelector("[data-contents]");
  var form = document.querySelector("form[data-groups]");
  if (!of || !contents || !form) {
    return;
  }
  var words = contents.dataset;

  /* --- how each section stands ----------------------------------------------------------------------------------- */

  /* Rows of languages are one part of the form, and so are an answer and what is added to it in words. */
  function partOf(name) {
    return name.replace(/^profile-(language|level)-\d+$/, "profile-language").replace(/-(words|other)$/, "");
  }

  function saysSomething(field) {
    return of.valuesOf(field).some(function (value) { return value.trim() !== "" && value !== NO_ANSWER; });
  }

  function count(parts, has) {
    return Object.keys(parts).filter(function (name) { return has(parts[name]); }).length;
  }

  function stateOf(place) {
    var parts = {};
    of.of(form).filter(function (field) { return place.contains(field); }).forEach(function (field) {
      var part = parts[partOf(field.name)] || (parts[partOf(field.name)] = { isGiven: false, isRequired: false });
      part.isGiven = part.isGiven || saysSomething(field);
      part.isRequired = part.isRequired || field.required;
    });
    var missing = count(parts, function (part) { return part.isRequired && !part.isGiven; });
    var given = count(parts, function (part) { return part.isGiven; });
    if (missing) {
      return words.missing.replace("{count}", missing);
    }
    return given ? words.given.replace("{count}", given).replace("{most}", Object.keys(parts).length) : words.nothing;
  }

  /* What is to be corrected stays said until the form is sent again. */
  function showStates() {
    contents.querySelectorAll("li").forEach(function (line) {
      var place = document.getElementById(line.querySelector("a").hash.slice(1));
      var state = line.querySelector("[data-state]");
      if (place && state && !state.hasAttribute("data-wrong")) {
        state.textContent = stateOf(place.closest("section, details"));
      }
    });
  }

  form.addEventListener("input", showStates);
  form.addEventListener("put", showStates);

  /* --- the zone ---------------------------------------------------------------------------------------------------- */

  var zone = form.querySelector("select[name='profile-zone']");
  var here = window.Intl && Intl.DateTimeFormat().resolvedOptions().timeZone;
  var option = zone && Array.from(zone.options).find(function (one) { return one.value && one.value === here; });

  /* Chosen by whoever presses it, and by nobody else. */
  function offer() {
    var button = document.createElement("button");
    button.type = "button";
    button.className = "cdx-button pt-offered";
    button.textContent = words.zone.replace("{zone}", option.textContent);
    button.addEventListener("click", function () {
      zone.value = here;
      zone.dispatchEvent(new Event("input", { bubbles: true }));
      zone.focus();
    });
    zone.closest(".cdx-field__control").append(button);

    function showWhereEmpty() {
      button.hidden = zone.value !== "";
    }
    zone.addEventListener("input", showWhereEmpty);
    zone.addEventListener("put", showWhereEmpty);
    showWhereEmpty();
  }

  if (option) {
    offer();
  }
}());
