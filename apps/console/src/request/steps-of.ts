type Values = Readonly<Record<string, unknown>>;
const valuesOf = (value: unknown): Values =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Values) : {};

export interface Step {
  readonly name: string;
  readonly title: string | null;
  readonly isFinal: boolean;
  /** Whether a transition leads to it from the present state. */
  readonly isNext: boolean;
}

/** The states to which a transition of a state leads. */
const targetsOf = (state: unknown): readonly string[] =>
  Object.values(valuesOf(valuesOf(state)["transitions"])).flatMap((one) => {
    const to = valuesOf(one)["to"];
    return typeof to === "string" ? [to] : [];
  });

/** Returns the states of a definition in the order in which they are reached, those that end it last. */
export function stepsOf(document: unknown, present: string): readonly Step[] {
  const { states: given, initial } = valuesOf(document);
  const states = valuesOf(given);
  const seen = new Set<string>();
  const order: string[] = [];
  // A state stands before all those that follow it, except where a transition leads back.
  const visit = (name: string): void => {
    if (seen.has(name) || !(name in states)) return;
    seen.add(name);
    for (const to of targetsOf(states[name])) visit(to);
    order.unshift(name);
  };
  if (typeof initial === "string") visit(initial);
  const next = new Set(targetsOf(states[present]));
  const steps = order.map((name) => {
    const { title, final } = valuesOf(states[name]);
    return { name, title: typeof title === "string" ? title : null, isFinal: final !== undefined, isNext: next.has(name) };
  });
  return [...steps.filter(({ isFinal }) => !isFinal), ...steps.filter(({ isFinal }) => isFinal)];
}
