export interface Person {
  readonly id: string;
  readonly name: string;
}

/** Whether what was kept in a draft is a user. */
export const isPerson = (one: unknown): one is Person =>
  typeof one === "object" && one !== null && "id" in one && typeof one.id === "string" && "name" in one && typeof one.name === "string";
