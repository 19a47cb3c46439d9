import type { Actor } from "../model/actor.js";
import { NAME, readObject, readText, valueOr, type Source } from "../document/reader.js";
import { quote, type Path, type ProblemList } from "../model/problems.js";
import { readExpectation } from "./read-expectation.js";
import { readScenarioCalendar } from "../calendar/read.js";
import { readMoment, readPeople } from "./read-people.js";
import { readStep } from "./read-steps.js";
import { findPerson, readData, type People, type ScenarioReading } from "./reading.js";
import type { Given, Scenario, ScenarioStep } from "../model/scenarios/scenario.js";

const KEYS = ["name", "description", "given", "steps", "expect"];
const GIVEN_KEYS = ["data", "owner", "assignee", "people", "now", "routes", "calendar"];
const MAX_SCENARIOS = 50;
const MAX_STEPS = 100;
/** Used if the scenario sets no clock. */
export const NOW = "2026-01-01T09:00:00.000Z";

/** Reads the scenarios of a definition whose states have been read. */
export function readScenarios(reading: ScenarioReading, value: unknown): readonly Scenario[] {
  return readScenarioList(reading.problems, value, {
    content: "a name, steps and what to expect",
    readOne: (entry, path) => readScenario(reading, entry, path),
  });
}

type ScenarioList<One> = {
  /** What each scenario has, for the error. */
  readonly content: string;
  readonly readOne: (entry: unknown, path: Path) => One | null;
};

/** Reads a list of scenarios with different names. Those with problems are omitted. */
export function readScenarioList<One extends { readonly name: string }>(
  problems: ProblemList,
  value: unknown,
  { content, readOne }: ScenarioList<One>,
): readonly One[] {
  if (value === undefined) return [];
  const path = ["scenarios"];
  if (!Array.isArray(value)) {
    problems.add(path, "WRONG_TYPE", `Expected a list of scenarios, each with ${content}, found ${quote(value)}.`);
    return [];
  }
  if (value.length > MAX_SCENARIOS)
    problems.add(path, "TOO_LARGE", `There are ${value.length} scenarios; the maximum is ${MAX_SCENARIOS}.`);
  const names = new Set<string>();
  return value.slice(0, MAX_SCENARIOS).flatMap((entry: unknown, index) => {
    const scenario = problems.isFull() ? null : readOne(entry, [...path, index]);
    if (!scenario) return [];
    if (names.has(scenario.name))
      problems.add([...path, index, "name"], "BAD_VALUE", `There are two scenarios named ${quote(scenario.name)}.`);
    names.add(scenario.name);
    return [scenario];
  });
}

function readScenario(reading: ScenarioReading, value: unknown, path: Path): Scenario | null {
  const { problems } = reading;
  const source = readObject(problems, value, path, KEYS);
  if (!source) return null;
  const name = readText(problems, source, "name", path, { maxChars: 200, isRequired: true, like: "A small purchase is approved at once" });
  readText(problems, source, "description", path, { maxChars: 2000 });
  const given = readGiven(reading, valueOr(source, "given", {}), [...path, "given"]);
  const steps = given ? readSteps(reading, valueOr(source, "steps", []), [...path, "steps"], given) : [];
  if (source["expect"] === undefined)
    problems.add([...path, "expect"], "MISSING", "A scenario must state the result to expect, for example expect: { state: approved }.");
  const expect = given && source["expect"] !== undefined ? readExpectation(reading, source["expect"], [...path, "expect"], given) : null;
  return name !== null && given && expect ? { name, given, steps, expect } : null;
}

function readGiven(reading: ScenarioReading, value: unknown, path: Path): Given | null {
  const { problems } = reading;
  const source = readObject(problems, value, path, GIVEN_KEYS);
  if (!source) return null;
  const people = readPeople(reading, valueOr(source, "people", {}), [...path, "people"]);
  const now = source["now"] === undefined ? NOW : readMoment(problems, source["now"], [...path, "now"]);
  const [first] = people.values();
  const owner = source["owner"] === undefined ? (first ?? ownerOf("owner")) : readOwner(reading, source, path, people);
  const assignee = source["assignee"] === undefined ? null : findPerson(reading, source["assignee"], [...path, "assignee"], people);
  const data = readData(reading, source, "data", path) ?? {};
  const calendar = readScenarioCalendar(problems, source["calendar"], [...path, "calendar"]);
  if (now === null || owner === null) return null;
  const routes = readRoutes(reading, source["routes"], [...path, "routes"], people);
  return { data, owner, people, now, routes, calendar, assignee: assignee && { type: "user", id: assignee.id } };
}

const ownerOf = (id: string): Actor => ({ id, roles: [], permissions: [], principals: { userIds: [id], teamIds: [], vendorId: null } });

/** Reads the name of a person, or, if the scenario defines no people, any name. */
function readOwner(reading: ScenarioReading, source: Source, path: Path, people: People): Actor | null {
  const { owner } = source;
  return people.size === 0 && typeof owner === "string" && NAME.test(owner)
    ? ownerOf(owner)
    : findPerson(reading, owner, [...path, "owner"], people);
}

/** Reads `routes: { facilities: mia }`, with one or several entries. */
function readRoutes(reading: ScenarioReading, value: unknown, path: Path, people: People): Given["routes"] {
  const routes = new Map<string, readonly Actor[]>();
  if (value === undefined) return routes;
  const known = new Set([...reading.tasks.values()].flatMap(({ candidates }) => candidates.route ?? []));
  for (const [name, chosen] of Object.entries(readObject(reading.problems, value, path, [...known]) ?? {})) {
    const list: readonly unknown[] = Array.isArray(chosen) ? chosen.slice(0, 50) : [chosen];
    routes.set(
      name,
      list.flatMap(
        (one, index) => findPerson(reading, one, Array.isArray(chosen) ? [...path, name, index] : [...path, name], people) ?? [],
      ),
    );
  }
  return routes;
}

function readSteps(reading: ScenarioReading, value: unknown, path: Path, given: Given): readonly ScenarioStep[] {
  const { problems } = reading;
  if (!Array.isArray(value)) {
    problems.add(path, "WRONG_TYPE", `Expected a list of steps such as - { fire: submit, by: olga }, found ${quote(value)}.`);
    return [];
  }
  if (value.length > MAX_STEPS) problems.add(path, "TOO_LARGE", `There are ${value.length} steps; the maximum is ${MAX_STEPS}.`);
  return value
    .slice(0, MAX_STEPS)
    .flatMap((step, index) => (problems.isFull() ? [] : (readStep(reading, step, [...path, index], given) ?? [])));
}
