export { assertFields, assertStorable } from "./asked-fields.js";
export { blindFilter } from "./blind-filter.js";
export { customFieldsFilter } from "./field-filter.js";
export { fieldPage, pageByField } from "./field-page.js";
export { type FieldObject, openFields, openFieldsIn, type PlainField, sealFields } from "./sealed-fields.js";
