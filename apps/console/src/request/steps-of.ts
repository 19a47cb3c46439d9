type Values = Readonly<Record<string, unknown>>;
const valuesOf = (value: unknown): Values => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Values) : {});

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

/** Returns the states of a definition in the order in which they can be reached, those that end it last. */
export function stepsOf(document: unknown, present: string): readonly Step[] {
  const { states: given, initial } = valuesOf(document);
  const states = valuesOf(given);
  const order = typeof initial === "string" && initial in states ? [initial] : [];
  // Grows while it is read.
  for (const name of order) order.push(...targetsOf(states[name]).filter((to) => to in states && !order.includes(to)));
  const next = new Set(targetsOf(states[present]));
  const steps = order.map((name) => {
    const { title, final } = valuesOf(states[name]);
    return { name, title: typeof title === "string" ? title : null, isFinal: final !== undefined, isNext: next.has(name) };
  });
  return [...steps.filter(({ isFinal }) => !isFinal), ...steps.filter(({ isFinal }) => isFinal)];
}
