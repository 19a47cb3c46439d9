import { expect, test } from "vitest";
import { eventTypes } from "../event-catalog/registry.js";
import { subjectTypes } from "../ids/object-types.js";
import type { Aggregate } from "./aggregate.js";
import { aggregates } from "./entries.js";

test.each(["types", "permissions", "events"] as const)("no two manifests declare the same %s", (section) => {
  const names = aggregates.flatMap((aggregate: Aggregate) => Object.keys(aggregate[section] ?? {}));
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test("the first type of a manifest with events is a type that events can be about, if they do not specify another one", () => {
  const subjects = Object.values(eventTypes).map(({ subject }) => subject);
  expect(subjects.filter((subject) => !subjectTypes.includes(subject))).toEqual([]);
});
