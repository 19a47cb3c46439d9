export { entityIdTypes, idTypeOf } from "./entity-types.js";
export { entityTypes, type NodeType, nodeTypes, objectTypes, type SubjectType, subjectTypes } from "./object-types.js";
export { bytesToUuid, type RowRef, rowTokens, type RowTokens, uuidToBytes } from "./row-token.js";
export {
  decodeId,
  decodeIdOrNull,
  encodeId,
  encodeIdOrNull,
  idPrefixes,
  type IdType,
  isIdType,
  parseAnyId,
  withArticle,
} from "./type-ids.js";
export { isUuid, newId } from "./uuid-v7.js";
