import { Trans } from "@lingui/react/macro";
import { ErrorMessage } from "@weft/react";
import type { ConsoleImportProblemsQuery } from "../../gql/graphql";
import { useLivePages } from "../../parts/pages/use-live-pages";
import { importProblemsQuery } from "./import-operations";

type Problem = NonNullable<ConsoleImportProblemsQuery["importProblems"]>["edges"][number]["node"];

/** What is wrong with lines of the file, by line. */
export function ImportProblems({ id }: { readonly id: string }) {
  const { page, error, isLoadingMore, loadMore } = useLivePages<ConsoleImportProblemsQuery, { readonly id: string }, Problem>({
    query: importProblemsQuery,
    sources: [],
    variables: { id },
    pageOf: ({ importProblems }) => importProblems,
  });
  return (
    <section className="import-problems" tabIndex={0} aria-labelledby="import-problems">
      <h3 id="import-problems">
        <Trans>Problems</Trans>
      </h3>
      <ErrorMessage error={error} />
      <table>
        <thead>
          <tr>
            <th scope="col">
              <Trans>Line</Trans>
            </th>
            <th scope="col">
              <Trans>Column</Trans>
            </th>
            <th scope="col">
              <Trans>What is wrong</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {page?.edges.map(({ cursor, node: { line, column, message } }) => (
            <tr key={cursor}>
              <td className="number">{line}</td>
              <td>{column ?? "–"}</td>
              <td>{message}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {page?.pageInfo.hasNextPage && (
        <button type="button" className="link" aria-disabled={isLoadingMore} onClick={loadMore}>
          <Trans>Show more problems</Trans>
        </button>
      )}
    </section>
  );
}
