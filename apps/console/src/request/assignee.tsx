import { Trans, useLingui } from "@lingui/react/macro";
import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useAction, useLiveQuery } from "@weft/react";
import { useState } from "react";
import { valueText } from "../formats/values";
import { can, useViewer } from "../frame/viewer";
import { graphql } from "../gql";
import { Changed, changesBetween, useReloadOnConflict } from "../parts/changed";
import { assigneesQuery } from "../parts/people/people-operations";
import "../parts/people/people.css";
import type { PropertiesProps } from "./properties";
import type { RequestOfPage } from "./request-operations";
import { SideForm } from "./side-form";

const assignRequest = graphql(`
  mutation ConsoleAssign($input: AssignRequestInput!) {
    assignRequest(input: $input) {
      request {
        id
        version
      }
    }
  }
`);

/** Who works on the request, and, for users who can, the field to choose somebody else. */
export function Assignee({ request, onChanged }: PropertiesProps) {
  const viewer = useViewer();
  const { t } = useLingui();
  const [isOpen, setOpen] = useState(false);
  const { assignee } = request;
  if (isOpen)
    return (
      <Assign
        request={request}
        onChanged={() => {
          setOpen(false);
          onChanged();
        }}
        onConflict={onChanged}
        onClose={() => setOpen(false)}
      />
    );
  return (
    <>
      {assignee?.name ?? <Trans>nobody</Trans>}
      {can(viewer, "request.assign") && request.closedAt === null && (
        <>
          {" "}
          <button type="button" className="link" aria-label={t`Assign the request`} onClick={() => setOpen(true)}>
            <Trans>Assign</Trans>
          </button>
        </>
      )}
    </>
  );
}

/** What others can change meanwhile, and the user should know. */
const valuesOf = ({ assignee, workflow, state }: RequestOfPage) => ({
  assignee: assignee?.name ?? null,
  state: workflow?.stateTitle ?? state,
});

interface AssignProps extends PropertiesProps {
  readonly onConflict: () => void;
  readonly onClose: () => void;
}

function Assign({ request, onChanged, onConflict, onClose }: AssignProps) {
  const { t, i18n } = useLingui();
  const { run, isPending, error, reset } = useAction(assignRequest);
  useReloadOnConflict(error, onConflict);
  const [seen, setSeen] = useState(request);
  const isBehind = request.version !== seen.version;
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const [searched] = useDebouncedValue(text.trim(), 150);
  const { data } = useLiveQuery(assigneesQuery, [], { text: searched }, { keepsPreviousData: true });
  const items = (edges: readonly { readonly node: { readonly id: string; readonly name: string } }[] | undefined, kind: string) =>
    edges?.map(({ node }) => ({ value: `${kind} ${node.id}`, label: node.name })) ?? [];
  const groups = [
    { group: t`Users`, items: items(data?.users?.edges, "userId") },
    { group: t`Teams`, items: items(data?.teams?.edges, "teamId") },
    { group: t`Vendors`, items: items(data?.vendors?.edges, "vendorId") },
  ].filter((group) => group.items.length > 0);
  async function send() {
    const [kind, id] = chosen?.split(" ") ?? [];
    if (kind === undefined || id === undefined) return;
    if ((await run({ input: { id: request.id, assignee: { [kind]: id }, expectedVersion: seen.version } })) !== null) onChanged();
  }
  const labels: Readonly<Record<string, string>> = { assignee: t`Assignee`, state: t`State` };
  const goOn = (): void => {
    setSeen(request);
    reset();
  };
  return (
    <SideForm
      action={<Trans>Assign</Trans>}
      isReady={chosen !== null && !isBehind}
      isPending={isPending}
      error={isBehind && error?.code === "CONFLICT" ? null : error}
      onSubmit={send}
      onClose={onClose}
    >
      {isBehind && (
        <Changed
          changes={changesBetween(valuesOf(seen), valuesOf(request))}
          labelOf={(name) => labels[name] ?? name}
          textOf={(_, value) => valueText(value, i18n.locale)}
          onKeep={goOn}
          onTake={onClose}
        />
      )}
      <Select
        size="sm"
        aria-label={t`Assignee`}
        placeholder={t`Part of a name`}
        data={groups}
        // The server has searched.
        filter={({ options }) => options}
        searchable
        searchValue={text}
        onSearchChange={setText}
        value={chosen}
        onChange={setChosen}
        nothingFoundMessage={t`Nobody has this name.`}
        comboboxProps={{ withinPortal: false }}
      />
    </SideForm>
  );
}
