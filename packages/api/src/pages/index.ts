export { ConnectionArgs, maxPageSize } from "./connection-args.js";
export { connectionOf, type Page } from "./connection.js";
export { type CursorScope, decodeCursor, encodeCursor } from "./cursor.js";
export { beyond, keysetPage, type KeysetSlice } from "./keyset-page.js";
export { nestedRows, rankWithin, rowsOfEach } from "./nested-rows.js";
export { type Direction, type Order, type OrderBy, orderByInput, type OrderByValue, OrderDirection } from "./order.js";
export { orderedPage } from "./ordered-page.js";
export { selectSlice } from "./select-slice.js";
export { tablePage } from "./table-page.js";
/** @public Inferred types of other packages name it. */
export type { Edge } from "./connection.js";
