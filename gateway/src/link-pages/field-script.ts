/** Browser code of pages with forms: makes elements, and the inputs of a JSON Schema. Texts of the server become text, never markup. */
export const fieldScript = `function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
const choicesOf = (schema) => schema?.oneOf?.map(({ const: value, title }) => ({ value, title: title ?? String(value) }))
  ?? schema?.enum?.filter((value) => value !== null).map((value) => ({ value, title: String(value) }));
const selectOf = (choices, multiple) =>
  element("select", { multiple }, ...(multiple ? [] : [element("option", { value: "" })]), ...choices.map(({ title }, at) => element("option", { value: String(at) }, title)));
/** Returns the input of a property and a function that reads its value, which is undefined if it is empty. */
function inputOf(schema, options) {
  const type = [schema.type].flat().find((name) => name !== "null");
  const choices = choicesOf(schema);
  const chosen = type === "array" ? choicesOf(schema.items) : undefined;
  if (choices) {
    const input = selectOf(choices, false);
    return { input, value: () => choices[input.value === "" ? -1 : Number(input.value)]?.value, set: (value) => { input.value = String(choices.findIndex((choice) => choice.value === value)); } };
  }
  if (chosen) {
    const input = selectOf(chosen, true);
    return { input, value: () => input.selectedOptions.length === 0 ? undefined : [...input.selectedOptions].map((option) => chosen[Number(option.value)].value) };
  }
  if (type === "boolean") {
    const input = element("input", { type: "checkbox" });
    return { input, isCheckbox: true, value: () => input.checked, set: (value) => { input.checked = value; } };
  }
  if (type === "number" || type === "integer") {
    const input = element("input", { type: "number", step: type === "integer" ? "1" : "any" });
    return { input, value: () => input.value === "" ? undefined : Number(input.value), set: (value) => { input.value = value; } };
  }
  if (type !== "string") return null;
  const isTime = schema.format === "date-time";
  const input = options?.multi === true ? element("textarea") : element("input", { type: isTime ? "datetime-local" : schema.format === "date" ? "date" : "text" });
  if (schema.maxLength !== undefined) input.maxLength = schema.maxLength;
  const text = () => isTime ? new Date(input.value).toISOString() : input.value;
  return { input, value: () => input.value === "" ? undefined : text(), set: (value) => { if (!isTime) input.value = value; } };
}
`;
