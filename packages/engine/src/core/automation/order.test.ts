import fc from "fast-check";
import { expect, test } from "vitest";
import { orderSteps } from "./order.js";

/** Steps that depend only on earlier ones, in random order. */
const graphs = fc
  .array(fc.array(fc.nat({ max: 50 }), { maxLength: 4 }), { minLength: 1, maxLength: 40 })
  .map((needs) => needs.map((some, index) => [`s${index}`, index === 0 ? [] : some.map((one) => `s${one % index}`)] as const));

test("every step comes after those that it depends on, and knows all of them", () => {
  fc.assert(
    fc.property(
      graphs.chain((graph) => fc.tuple(fc.constant(graph), fc.shuffledSubarray([...graph], { minLength: graph.length }))),
      ([graph, shuffled]) => {
        const ordered = orderSteps(new Map(shuffled));
        if (!ordered.ok) throw new Error("there is no circle");
        const place = new Map(ordered.order.map((id, index) => [id, index]));
        expect(place.size).toBe(graph.length);
        for (const [id, needed] of graph)
          for (const one of needed) {
            expect(place.get(one)).toBeLessThan(place.get(id) ?? -1);
            expect(ordered.before.get(id)?.has(one)).toBe(true);
          }
      },
    ),
  );
});

test("a circle is found, and each of its steps waits for the next one", () => {
  fc.assert(
    fc.property(graphs, fc.nat(), (graph, seed) => {
      const dependencies = new Map<string, string[]>(graph.map(([id, needed]) => [id, [...needed]]));
      const first = graph[seed % graph.length]?.[0] ?? "";
      const last = graph.at(-1)?.[0] ?? "";
      dependencies.get(last)?.push(first);
      dependencies.get(first)?.push(last);
      const ordered = orderSteps(dependencies);
      if (ordered.ok) throw new Error("there is a circle");
      for (const [index, id] of ordered.circle.entries())
        expect(dependencies.get(id)).toContain(ordered.circle[(index + 1) % ordered.circle.length]);
    }),
  );
});
