import { encodeId, newId } from "@weft/shared/ids";
import { expect, test } from "vitest";
import { inCurrentSpelling } from "./current-spelling.js";
import { summaryOf } from "./entry-summary.js";
import { withTypeIds } from "./image-ids.js";

test.each([
  ["workflow.start", "instance", null, { state: "draft", data: { estimate: 5 } }, 'Started the workflow in "draft". Data: estimate.'],
  ["workflow.fire", "instance", { state: "draft" }, { state: "triage" }, 'Moved from "draft" to "triage".'],
  [
    "workflow.changeData",
    "instance",
    { state: "a", data: { x: 1 } },
    { state: "a", data: { x: 2 } },
    "Changed data of the workflow. Data: x.",
  ],
  ["workflow.cancel", "instance", { state: "a" }, { state: "cancelled" }, 'Cancelled the workflow: from "a" to "cancelled".'],
  ["request.create", "request", null, { number: 1 }, "Created the request."],
  [
    "building.update",
    "building",
    { name: "A", city: "B", version: 1 },
    { name: "C", city: "D", version: 2 },
    "Changed name and city of the building.",
  ],
  ["building.set_contact", "building", {}, {}, "Set contact of the building."],
  ["request.tag", "request", {}, {}, "Tagged the request."],
  ["session.login", "session", null, {}, "Logged in."],
  ["session.refreshReused", "session", null, {}, "Refresh reused."],
  ["user.changePasswordFailed", "user", null, {}, "Change password failed."],
])("%s is said in words", (action, entityType, before, after, summary) => {
  expect(summaryOf({ action, entityType, before, after })).toBe(summary);
});

test("images have the IDs of the API; values that users define and tokens stay", () => {
  const uuid = newId();
  const image = {
    id: uuid,
    typeId: uuid,
    buildingId: uuid,
    createdBy: uuid,
    watcherUserIds: [uuid],
    subjectType: "asset",
    subjectId: uuid,
  };
  expect(withTypeIds("request", image)).toEqual({
    id: encodeId("request", uuid),
    typeId: encodeId("requestType", uuid),
    buildingId: encodeId("building", uuid),
    createdBy: encodeId("user", uuid),
    watcherUserIds: [encodeId("user", uuid)],
    subjectType: "asset",
    subjectId: encodeId("asset", uuid),
  });
  const kept = { claimToken: uuid, data: { buildingId: uuid }, ownerId: null };
  expect(withTypeIds("task", kept)).toEqual(kept);
  expect(withTypeIds("instance", { doneBy: { "draft.submit": [uuid], assignee: [uuid] } })).toEqual({
    doneBy: { "draft.submit": [encodeId("user", uuid)], assignee: [uuid] },
  });
  expect(withTypeIds("project", { members: [{ userId: uuid, role: "MEMBER" }] })).toEqual({
    members: [{ userId: encodeId("user", uuid), role: "MEMBER" }],
  });
  expect(withTypeIds("task", { commentId: uuid })).toEqual({ commentId: encodeId("taskComment", uuid) });
  expect(withTypeIds("meter", { readingId: uuid })).toEqual({ readingId: encodeId("meterReading", uuid) });
  const proposal = { addedItems: [{ id: uuid }], addedTasks: [{ id: uuid, dependencyId: uuid }] };
  expect(withTypeIds("scopeChange", { id: uuid, proposal })).toEqual({
    id: encodeId("scopeChange", uuid),
    proposal: {
      addedItems: [{ id: encodeId("scopeItem", uuid) }],
      addedTasks: [{ id: encodeId("projectTask", uuid), dependencyId: encodeId("taskDependency", uuid) }],
    },
  });
});

test("images from before statuses and event types were spelled CANCELLED have this spelling; what users write stays", () => {
  expect(inCurrentSpelling({ runId: "r", runStatus: "CANCELED" })).toEqual({ runId: "r", runStatus: "CANCELLED" });
  expect(inCurrentSpelling({ eventTypes: ["run.canceled", "run.failed"], eventType: "run.canceled" })).toEqual({
    eventTypes: ["run.cancelled", "run.failed"],
    eventType: "run.cancelled",
  });
  const kept = { name: "CANCELED", data: { runStatus: "CANCELED" }, eventTypes: null };
  expect(inCurrentSpelling(kept)).toEqual(kept);
  expect(inCurrentSpelling(null)).toBeNull();
});
