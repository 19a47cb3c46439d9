import { encodeId, type IdType, isUuid, objectTypes } from "@weft/shared/ids";

type Image = Readonly<Record<string, unknown>>;

/** Values that users define. They contain IDs as the users wrote them. */
const ownContent: ReadonlySet<string> = new Set(["data", "fields", "payload", "before", "after"]);

const users: ReadonlySet<string> = new Set([
  "owner",
  "assignee",
  "custodian",
  "actor",
  "author",
  "manager",
  "sponsor",
  "substitute",
  "person",
  "requester",
  "mentioned",
  "watcher",
]);

/** Columns with objects of the same type. */
const sameType: ReadonlySet<string> = new Set(["id", "parentId", "ancestors", "copiedFromId", "movedWithId"]);

/** Columns whose names do not say the type. */
const named: Readonly<Record<string, IdType>> = {
  onBehalfOf: "user",
  delegatedFrom: "user",
  planId: "maintenancePlan",
  changeId: "scopeChange",
  baselineId: "projectBaseline",
  dependencyId: "taskDependency",
  clockId: "slaClock",
  policyId: "slaPolicy",
  readingId: "meterReading",
  registrationLinkId: "vendorRegistrationLink",
  predecessorId: "projectTask",
  successorId: "projectTask",
};

/** Types of a column that depend on the object. */
const ofObjects: Readonly<Record<string, Partial<Record<IdType, IdType>>>> = {
  typeId: { request: "requestType", asset: "assetType" },
  linkId: { request: "requestFormLink" },
  commentId: { task: "taskComment" },
  taskId: { projectTask: "projectTask", taskDependency: "projectTask", milestone: "projectTask" },
  providerId: { identityProvider: "identityProvider", user: "identityProvider", session: "identityProvider", agent: "modelProvider" },
};

/** Lists of what an object proposes or contains, by the type of their elements. */
const elements: Readonly<Record<string, IdType>> = { addedTasks: "projectTask", addedItems: "scopeItem" };

/**
 * Returns an image with the IDs of the API (`req_…`) in place of those of the database. Values whose column does not say what they identify stay as they
 * are, such as tokens.
 */
export function withTypeIds(entityType: string, image: Image | null): Image | null {
  return image === null ? null : (converted(image, isIdType(entityType) ? entityType : null) as Image);
}

function converted(value: unknown, entityType: IdType | null): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => converted(each, entityType));
  if (typeof value !== "object" || value === null) return value;
  const image = value as Image;
  return Object.fromEntries(
    Object.entries(image).map(([column, content]) => {
      if (ownContent.has(column)) return [column, content];
      const type = typeOf(column, entityType, image);
      return [column, type === null ? converted(content, elements[column] ?? null) : withIdsOf(type, content)];
    }),
  );
}

/**
 * Encodes an ID, those of a list, or those of an object with lists, such as the users who did each step. Former assignees are users, teams and vendors, and
 * the row does not say which.
 */
function withIdsOf(type: IdType, content: unknown): unknown {
  if (isUuid(content)) return encodeId(type, content);
  if (Array.isArray(content)) return content.map((each: unknown) => withIdsOf(type, each));
  if (typeof content !== "object" || content === null) return content;
  return Object.fromEntries(Object.entries(content).map(([name, each]) => [name, name === "assignee" ? each : withIdsOf(type, each)]));
}

/** Returns what a column identifies, or null. Images that the database writes have snake_case columns. */
function typeOf(written: string, entityType: IdType | null, image: Image): IdType | null {
  const column = written.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const own = entityType && ofObjects[column]?.[entityType];
  if (own) return own;
  if (sameType.has(column)) return entityType;
  if (named[column]) return named[column];
  if (/[a-z]By$/.test(column)) return "user";
  if (!/Ids?$/.test(column)) return null;
  const name = column.replace(/Ids?$/, "");
  const pointed = image[`${name}Type`];
  if (typeof pointed === "string") return isIdType(pointed) ? pointed : null;
  if (users.has(name)) return "user";
  // `buildingId`, and with what it is to the object: `fromBuildingId`, `ownerUserId`.
  for (let rest = name; rest !== ""; rest = withoutFirstWord(rest)) if (isIdType(rest)) return rest;
  return null;
}

function withoutFirstWord(name: string): string {
  const rest = /[A-Z].*$/s.exec(name)?.[0] ?? "";
  return rest.slice(0, 1).toLowerCase() + rest.slice(1);
}

const isIdType = (name: string): name is IdType => Object.hasOwn(objectTypes, name);
