export * as column from "./column.js";
export { columns, createInputOf, shapeOf, ShowColumns, updateInputOf } from "./columns.js";
export * as standardColumns from "./standard-columns.js";
/** @public Inferred types of other packages name it. */
export type { Column } from "./column.js";
/** @public Inferred types of other packages name it. */
export { Columns } from "./columns.js";
/** @public Inferred types of other packages name them. */
export type { Created, Updated } from "./column-types.js";
