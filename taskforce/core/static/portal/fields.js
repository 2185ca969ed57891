/* What stands in the fields of a form: for the scripts that keep what somebody types (`draft.js`, `groups.js`). */
(function () {
  "use strict";

  var TYPED = /^(text|textarea|url|number|search|date|radio|checkbox|select-one|select-multiple)$/;
  var OUTLIVES = 60000; /* bytes of what a browser still sends once its page is left */

  function canBeChecked(field) {
    return field.type === "radio" || field.type === "checkbox";
  }

  /* In which somebody types or chooses. */
  function of(form) {
    return Array.from(form.elements).filter(function (field) {
      return field.name && !field.closest(".pt-honeypot") && TYPED.test(field.type);
    });
  }

  function optionsOf(field, isAsDrawn) {
    var chosen = Array.from(field.options).filter(function (option) {
      return isAsDrawn ? option.defaultSelected : option.selected;
    });
    return chosen.length || field.multiple || !field.options.length ? chosen : [field.options[0]];
  }

  /* All that a field says: a list, empty where a box is not checked. */
  function valuesOf(field, isAsDrawn) {
    if (canBeChecked(field)) {
      return (isAsDrawn ? field.defaultChecked : field.checked) ? [field.value] : [];
    }
    if (field.options) {
      return optionsOf(field, isAsDrawn).map(function (option) { return option.value; });
    }
    return [isAsDrawn ? field.defaultValue : field.value];
  }

  function put(field, values) {
    if (canBeChecked(field)) {
      field.checked = values.indexOf(field.value) !== -1;
    } else if (field.options) {
      Array.from(field.options).forEach(function (option) { option.selected = values.indexOf(option.value) !== -1; });
    } else {
      field.value = values.length ? values[0] : "";
    }
    /* Nobody typed it, so it is no input: for what else follows the field. */
    field.dispatchEvent(new CustomEvent("put", { bubbles: true }));
  }

  /* What is saved need not be asked about when the page is left. */
  function settle(field) {
    if (canBeChecked(field)) {
      field.defaultChecked = field.checked;
    } else if (field.options) {
      Array.from(field.options).forEach(function (option) { option.defaultSelected = option.selected; });
    } else {
      field.defaultValue = field.value;
    }
  }

  function joined(values) {
    return (values || []).filter(Boolean).join("\u0000").replace(/\r\n?/g, "\n");
  }

  /* Whether two lists of values say the same, however their lines end. */
  function isSame(one, other) {
    return joined(one) === joined(other);
  }

  /* Whether it still goes out once the page is left. */
  function outlives(data) {
    var parts = Array.from(data.entries()).map(function (one) { return one[0] + one[1] + " ".repeat(150); });
    return new Blob(parts).size < OUTLIVES;
  }

  window.portalFields = {
    canBeChecked: canBeChecked, isSame: isSame, of: of, outlives: outlives, put: put, settle: settle, valuesOf: valuesOf
  };
}());
