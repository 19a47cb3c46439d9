export { askedNames } from "./asked-names.js";
export { asksFor } from "./asks-for.js";
export {
  anyIdField,
  dateField,
  enumField,
  escapeLike,
  type FilterField,
  flagField,
  idField,
  type ListFilterField,
  numberField,
  onlyStaff,
  onlyWith,
  searchField,
  tagsField,
  textField,
  timeField,
  wordIn,
  wordsField,
} from "./conditions.js";
export { type Filter, filterInput, type FilterValue, nestedField } from "./filter-input.js";
export { indexedText } from "./indexed-text.js";
export { enumFilterClass, SearchFilter } from "./operators.js";
export { asksForNone, matchesValue, type ValueColumns } from "./value-conditions.js";
export { foldedWordsOf, wordsOf } from "./words.js";
