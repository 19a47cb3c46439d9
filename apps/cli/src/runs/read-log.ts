import { CliError, exitCodes } from "../cli-error.js";
import type { Server } from "../server.js";
import type { LogLineOutput } from "../output/outputs.js";

/** Reads the lines after a line of the log of a run, and whether the run had ended before. `liveCursor` is from before the lines were read. */
export async function readLog(
  server: Server,
  id: string,
  after: number,
): Promise<{ lines: LogLineOutput[]; isEnded: boolean; liveCursor: string | null }> {
  const lines: LogLineOutput[] = [];
  let cursor: string | null = null;
  let live: string | null = null;
  for (;;) {
    const page: LogPage = await server.run<LogPage>(logOperation, { id, after: cursor });
    if (!page.run) throw new CliError(`There is no run ${id}.`, exitCodes.failed, "NOT_FOUND");
    live ??= page.liveCursor;
    const { edges, pageInfo } = page.run.logs;
    lines.push(...edges.map(({ node }) => node).filter(({ line }) => line > after));
    if (!pageInfo.hasNextPage) return { lines, isEnded: page.run.finishedAt !== null, liveCursor: live };
    cursor = pageInfo.endCursor;
  }
}

interface LogPage {
  readonly liveCursor: string | null;
  readonly run: {
    readonly finishedAt: string | null;
    readonly logs: {
      readonly edges: readonly { readonly node: LogLineOutput }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    };
  } | null;
}

const logOperation = `query Log($id: ID!, $after: String) {
  liveCursor
  run(id: $id) { finishedAt logs(first: 100, after: $after) { edges { node { line step attempt stream text at } } pageInfo { hasNextPage endCursor } } }
}`;
