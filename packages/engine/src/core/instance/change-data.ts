import type { Machine } from "../model/machine.js";
import { onlyAsked } from "../forms/asked-data.js";
import { quote } from "../model/problems.js";
import type { Json, JsonObject } from "../model/json.js";
import { dataChanges, unchanged, type FireResult } from "../model/outcome.js";
import { badInput, rejected, type Reason } from "../model/rejection.js";
import type { ChangeDataRequest } from "../model/requests.js";
import type { Snapshot } from "../model/snapshot.js";
import { checkJson, isObject } from "../model/values.js";
import { validateData } from "../schema/validate.js";
import { statusReason } from "../transition/guards.js";

/** Changes properties of the data and leaves state and tasks unchanged. The whole data must match the schema afterwards. */
export function changeData(machine: Machine, snapshot: Snapshot, request: ChangeDataRequest): FireResult {
  if (snapshot.status !== "RUNNING") return rejected([statusReason(snapshot, machine)]);
  if (request.onlyInInitialState && snapshot.state !== machine.initial) return rejected([onItsWay(machine, snapshot)]);
  const { patch } = request;
  if (!isObject(patch)) return badInput([{ path: "data", message: "Expected an object with the properties to change." }]);
  const unfit = checkJson(patch, "data");
  if (unfit.length > 0) return badInput(unfit);
  const asked = onlyAsked(machine, request.chosen, patch as JsonObject);
  const data = patched(machine, snapshot.data, asked.data);
  const problems = [...validateData(machine.data, data), ...asked.problems];
  if (problems.length > 0) return badInput(problems);
  return { ok: true, outcome: { ...unchanged(snapshot, "data", request), dataChanges: dataChanges(snapshot.data, data) } };
}

function onItsWay(machine: Machine, { state }: Snapshot): Reason {
  const titled = (name: string): string => quote(machine.states.get(name)?.title ?? name);
  return {
    rule: "state",
    message: `You can change this data only in the state ${titled(machine.initial)}. The instance is now in ${titled(state)}.`,
  };
}

/** A null removes a property whose schema does not accept null. */
export function patched(machine: Machine, data: JsonObject, patch: JsonObject): JsonObject {
  const entries = new Map<string, Json>(Object.entries(data));
  for (const [name, value] of Object.entries(patch)) {
    const property = machine.data.root.properties.get(name);
    const takesNull = !property || property.types === null || property.types.has("null");
    if (value === null && !takesNull) entries.delete(name);
    else entries.set(name, value);
  }
  return Object.fromEntries(entries);
}
