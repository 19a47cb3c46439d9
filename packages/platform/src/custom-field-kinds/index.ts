export {
  CustomFieldKind,
  customFieldObjects,
  type CustomFieldOwner,
  type CustomFieldOwnerColumns,
  fieldPlace,
  fieldPosition,
  ownerColumns,
  ownerName,
} from "./kinds.js";
