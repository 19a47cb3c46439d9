/**
 * Browser code of the explorer: looks for waiting work that an example fits. Responses of the past are not enough, because somebody else can have done
 * the task meanwhile, and each task has its own transitions. So the server is asked whenever an example that needs a task is opened.
 *
 * `fittingOf` returns the ID, one of its transitions that the user can fire, and the input that this transition requires; or, in `problem`, why there is
 * none.
 */
export const fittingScript = `
const workFields = { tsk: "id form { schema data }", wfi: "id" };
const workTypes = { tsk: "Task", wfi: "WorkflowInstance" };
const workQuery = (kind, ids) => {
  const work = workFields[kind] + " availableTransitions { name allowed requiresComment inputSchema form { schema data } }";
  const known = ids.map((id, at) => "known" + at + ": node(id: " + JSON.stringify(id) + ") { ... on " + workTypes[kind] + " { " + work + " } }");
  const node = kind === "tsk" ? work : "instance { " + work + " }";
  return "query WorkForExample { forExample: tasks(first: 20, queue: OFFERED_TO_ME, filter: { status: { in: [OPEN, CLAIMED] } }, orderBy: { field: CREATED_AT }) "
    + "{ edges { node { " + node + " } } } " + known.join(" ") + " }";
};
// Returns work of a kind: first what has these IDs, then what waits for the user, oldest first.
const loadWork = async (kind, ids) => {
  try {
    const body = JSON.stringify({ query: workQuery(kind, ids) });
    const response = await fetch("/graphql", { method: "POST", headers: { "content-type": "application/json" }, body });
    const { data, errors } = await response.json();
    if (!data?.forExample) return { problem: errors.map(({ message }) => message).join(" ") };
    const waiting = data.forExample.edges.map(({ node }) => kind === "tsk" ? node : node.instance);
    return { places: [...ids.map((_, at) => data["known" + at]), ...waiting] };
  } catch {
    return { problem: "Weft cannot be reached. Try again in a moment." };
  }
};
// A value that the property of a form accepts, in most cases.
const sampleOf = (schema) => {
  const type = [schema.type].flat().find((name) => name !== "null");
  const choice = schema.const ?? schema.default ?? schema.enum?.[0] ?? schema.oneOf?.[0]?.const;
  if (choice !== undefined) return choice;
  if (type === "boolean") return true;
  if (type === "number" || type === "integer") return schema.minimum ?? (schema.exclusiveMinimum ?? 0) + 1;
  if (type === "array") return schema.minItems > 0 ? Array.from({ length: schema.minItems }, () => sampleOf(schema.items ?? {})) : [];
  if (type === "object") return sampleInput({ schema, data: {} });
  const day = new Date().toISOString();
  const text = { date: day.slice(0, 10), "date-time": day }[schema.format] ?? "As agreed";
  return text.padEnd(schema.minLength ?? 0, ".").slice(0, schema.maxLength);
};
const sampleInput = (form) => {
  const required = form?.schema.required ?? [];
  return Object.fromEntries(required.map((name) => [name, form.data[name] ?? sampleOf(form.schema.properties?.[name] ?? {})]));
};
const fittingOf = async (kind, { ids, transition }) => {
  const known = ids.filter((id) => typeof id === "string" && /^[a-z]{2,4}_[0-9a-z]+$/.test(id));
  const { problem, places = [] } = await loadWork(kind, known);
  if (problem) return { problem };
  const place = places.find((one) => one?.availableTransitions?.some(({ allowed }) => allowed));
  if (!place) return { problem: "No task is waiting for you. Switch to another user, or submit a request. Then click this example again." };
  // The form of a task applies to all its transitions.
  const inputOf = (one) => sampleInput(place.form ?? one.form ?? (one.inputSchema && { schema: one.inputSchema, data: {} }));
  const allowed = place.availableTransitions.filter((one) => one.allowed);
  // Definitions name the way forward first, and what fails or cancels the work after it.
  const chosen = allowed.find(({ name }) => name === transition) ?? allowed.find((one) => !one.requiresComment) ?? allowed[0];
  return { id: place.id, transition: chosen.name, input: inputOf(chosen) };
};
`;
