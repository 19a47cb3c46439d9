import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take longest, by the minute or more. Their order matters little, and a file that is missing here costs only time. */
const longFiles: readonly string[] = [
  // pnpm test
  "testkit/src/isolation/schema-walk.test.ts",
  "testkit/src/isolation/vendor-persona.walk.test.ts",
  "testkit/src/isolation/viewer-independence.test.ts",
  "apps/standalone/src/demo-data/history.walk.test.ts",
  "apps/standalone/src/faults/idempotency.test.ts",
  "testkit/src/isolation/hidden-lists.test.ts",
  "drizzle/src/migrate.test.ts",
  "testkit/src/isolation/row-level-security.test.ts",
  "testkit/src/isolation/explained/explained-access.test.ts",
  "subgraphs/requests/src/imports/run/run-imports.test.ts",
  "testkit/src/isolation/attacks.test.ts",
  "testkit/src/isolation/privilege-escalation/privilege-escalation.test.ts",
  "testkit/src/isolation/entities.test.ts",
  "testkit/src/templates/templates.test.ts",
  "apps/standalone/src/api/story.test.ts",
  "subgraphs/requests/src/maintenance/maintenance.test.ts",
  "testkit/src/guides/guides-api.test.ts",
  "testkit/src/isolation/invisible-text.test.ts",
  "testkit/src/isolation/vendor-of-two-tenants.walk.test.ts",
  // pnpm test:hard
  "testkit/src/isolation/reading/read-paths.hard.test.ts",
  "apps/standalone/src/api/odd-values.hard.test.ts",
  "testkit/src/isolation/hidden-walk.hard.test.ts",
  "apps/standalone/src/faults/read-your-writes.hard.test.ts",
  "testkit/src/isolation/matrix/answered-matrix.hard.test.ts",
  "apps/standalone/src/faults/hierarchy-kill.hard.test.ts",
  "apps/standalone/src/faults/kill.hard.test.ts",
  "apps/standalone/src/faults/export-kill.hard.test.ts",
  "testkit/src/guides/guides-shell.hard.test.ts",
  "apps/standalone/src/faults/bulk-kill.hard.test.ts",
  "apps/standalone/src/faults/maintenance-kill.hard.test.ts",
  "scripts/bundle/bundle.hard.test.ts",
  "gateway/src/federation/execution/compare-executors.hard.test.ts",
  "apps/standalone/src/faults/schedule-kill.hard.test.ts",
  "apps/standalone/src/faults/trigger-kill.hard.test.ts",
  "testkit/src/isolation/rules-modes.hard.test.ts",
  "apps/standalone/src/faults/hierarchy-storm.hard.test.ts",
  "apps/standalone/src/faults/advance-clock.hard.test.ts",
  "apps/standalone/src/docs-site.hard.test.ts",
  "apps/standalone/src/faults/upload-faults.hard.test.ts",
  "testkit/src/clients/clients.hard.test.ts",
  "apps/standalone/src/faults/import-kill.hard.test.ts",
  "scripts/new.hard.test.ts",
  "scripts/package.hard.test.ts",
  "subgraphs/workflows/src/programs/program-sandbox.hard.test.ts",
  "apps/standalone/src/explorer.hard.test.ts",
  "apps/standalone/src/faults/timer-kill.hard.test.ts",
];

/**
 * Starts the files that take longest first, so that no worker is left alone with one of them at the end. A fresh clone knows no durations, and vitest
 * then sorts by size: some of the longest are only a few lines.
 */
export class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = longFiles.indexOf(relative(this.ctx.config.root, moduleId).replaceAll("\\", "/"));
      return place === -1 ? longFiles.length : place;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
