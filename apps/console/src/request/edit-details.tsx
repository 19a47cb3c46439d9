import { Trans } from "@lingui/react/macro";
import { useAction, WeftForm, type FormDescription } from "@weft/react";
import { useState } from "react";
import { graphql } from "../gql";
import { Changed, changesBetween } from "./changed";
import type { RequestOfPage } from "./request-operations";

const updateRequest = graphql(`
  mutation ConsoleEditDetails($input: UpdateRequestInput!) {
    updateRequest(input: $input) {
      request {
        id
        version
      }
    }
  }
`);

interface EditProps {
  readonly form: FormDescription;
  readonly request: RequestOfPage;
  readonly onClose: () => void;
}

const contentsOf = ({ data, building, asset }: RequestOfPage) => ({
  data: (data ?? {}) as Readonly<Record<string, unknown>>,
  ...(building && { buildingId: building.id }),
  ...(asset && { assetId: asset.id }),
});

/** The form of a draft. If the draft is changed elsewhere in the meantime, the user chooses which texts stay. */
export function Edit({ form, request, onClose }: EditProps) {
  const [seen, setSeen] = useState(request);
  // Begins the form again, with what is there now.
  const [begun, setBegun] = useState({ times: 0, with: contentsOf(request) });
  const { run, error } = useAction(updateRequest);
  const isBehind = request.version !== seen.version;
  return (
    <section className="card" aria-labelledby="details-title">
      <h2 id="details-title">
        <Trans>Details</Trans>
      </h2>
      {isBehind && (
        <Changed
          changes={changesBetween(contentsOf(seen).data, contentsOf(request).data)}
          onKeep={() => setSeen(request)}
          onTake={() => {
            setSeen(request);
            setBegun({ times: begun.times + 1, with: contentsOf(request) });
          }}
        />
      )}
      <WeftForm
        key={begun.times}
        form={{ ...form, data: { ...(form.data as object), ...begun.with } }}
        prefix="input"
        error={error?.code === "CONFLICT" ? null : error}
        onSubmit={async (answers) => {
          if (isBehind) return;
          const { data, buildingId, assetId } = answers;
          const input = { id: request.id, expectedVersion: seen.version, data, ...ids({ buildingId, assetId }) };
          if ((await run({ input })) !== null) onClose();
        }}
      />
      <button type="button" className="link" onClick={onClose}>
        <Trans>Cancel</Trans>
      </button>
    </section>
  );
}

/** Those that are given. */
const ids = (given: Readonly<Record<"buildingId" | "assetId", unknown>>) =>
  Object.fromEntries(Object.entries(given).filter((one): one is [string, string] => typeof one[1] === "string"));
