import { Trans, useLingui } from "@lingui/react/macro";
import { NativeSelect, TextInput } from "@mantine/core";
import { localTime, pointInTime, useAction } from "@weft/react";
import { useState } from "react";
import { otherTimeZone, timeZone } from "../formats/region";
import { valueText } from "../formats/values";
import { can, useViewer } from "../frame/viewer";
import { graphql } from "../gql";
import type { Priority } from "../gql/graphql";
import { priorities } from "../inbox/filters";
import { Changed, changesBetween, useReloadOnConflict, withMine } from "../parts/changed";
import { optionalDraft, useDraft } from "../parts/drafts";
import { useDoing } from "../parts/editing/use-editing";
import type { PropertiesProps } from "./properties";
import type { RequestOfPage } from "./request-operations";
import { SideForm } from "./side-form";

const triageRequest = graphql(`
  mutation ConsoleTriage($input: TriageRequestInput!) {
    triageRequest(input: $input) {
      request {
        id
        version
      }
    }
  }
`);

/** Changes the priority, the due date and the tags, for users who can. What was entered stays until it is saved or cancelled. */
export function Triage({ request, onChanged }: PropertiesProps) {
  const viewer = useViewer();
  const [draft, keep] = useDraft(`triage:${request.id}`, triageDrafts);
  const [isBegun, setBegun] = useState(false);
  if (!can(viewer, "request.triage") || request.closedAt !== null || request.status !== "RUNNING") return null;
  if (!isBegun && draft === null)
    return (
      <button type="button" className="link" onClick={() => setBegun(true)}>
        <Trans>Change priority, due date and tags</Trans>
      </button>
    );
  const close = (): void => {
    setBegun(false);
    keep(null);
  };
  return (
    <TriageForm
      request={request}
      draft={draft}
      onChange={keep}
      onClose={close}
      onConflict={onChanged}
      onChanged={() => {
        close();
        onChanged();
      }}
    />
  );
}

const valuesOf = ({ priority, dueAt, tags }: RequestOfPage) => ({
  priority,
  // To the minute, as fields show it.
  due: localTime(dueAt ?? "", timeZone()).slice(0, 16),
  tags: (tags ?? []).join(", "),
});

type Values = ReturnType<typeof valuesOf>;

/** What the user has seen and entered. */
interface TriageDraft {
  readonly version: number;
  readonly seen: Values;
  readonly values: Values;
}

const isValues = (kept: unknown): kept is Values => {
  if (typeof kept !== "object" || kept === null) return false;
  const { priority, due, tags } = kept as Readonly<Record<keyof Values, unknown>>;
  return [priority, due, tags].every((value) => typeof value === "string");
};

const triageDrafts = optionalDraft<TriageDraft>((kept) => {
  if (typeof kept !== "object" || kept === null) return null;
  const { version, seen, values } = kept as Readonly<Record<keyof TriageDraft, unknown>>;
  return typeof version === "number" && isValues(seen) && isValues(values) ? { version, seen, values } : null;
});

interface TriageFormProps extends PropertiesProps {
  readonly draft: TriageDraft | null;
  readonly onChange: (draft: TriageDraft) => void;
  readonly onConflict: () => void;
  readonly onClose: () => void;
}

function TriageForm({ request, draft, onChange, onChanged, onConflict, onClose }: TriageFormProps) {
  const { t, i18n } = useLingui();
  const { run, isPending, error, reset } = useAction(triageRequest);
  useReloadOnConflict(error, onConflict);
  // A draft that was kept counts before anything is entered again.
  useDoing(draft === null ? null : "CHANGING");
  const now = valuesOf(request);
  const [begun] = useState({ version: request.version, seen: now, values: now });
  const { version, seen, values } = draft ?? begun;
  const isBehind = request.version !== version;
  const setValues = (next: Values): void => onChange({ version, seen, values: next });
  const labels: Readonly<Record<string, string>> = { priority: t`Priority`, due: t`Due`, tags: t`Tags` };
  const textOf = (name: string, value: unknown): string => {
    if (name === "priority") return i18n._(priorities[value as Priority]);
    return valueText(name === "due" && typeof value === "string" ? pointInTime(value, timeZone()) : value, i18n.locale);
  };
  const goOn = (next: Values): void => {
    onChange({ version: request.version, seen: now, values: next });
    reset();
  };
  async function send() {
    const input = {
      id: request.id,
      expectedVersion: version,
      // Only what the user has changed: a priority that is sent no longer follows from impact and urgency.
      ...(values.priority !== seen.priority && { priority: values.priority }),
      ...(values.due !== seen.due && { dueAt: pointInTime(values.due, timeZone()) ?? null }),
      ...(values.tags !== seen.tags && {
        tags: values.tags
          .split(",")
          .map((tag) => tag.trim())
          .filter((tag) => tag !== ""),
      }),
    };
    if ((await run({ input })) !== null) onChanged();
  }
  return (
    <SideForm
      action={<Trans>Save</Trans>}
      isReady={!isBehind}
      isPending={isPending}
      error={isBehind && error?.code === "CONFLICT" ? null : error}
      onSubmit={send}
      onClose={onClose}
    >
      {isBehind && (
        <Changed
          changes={changesBetween(seen, now)}
          labelOf={(name) => labels[name] ?? name}
          textOf={textOf}
          onKeep={() => goOn(withMine(values, seen, now))}
          onTake={() => goOn(now)}
        />
      )}
      <NativeSelect
        label={t`Priority`}
        value={values.priority}
        data={[
          { value: "LOW", label: t`Low` },
          { value: "NORMAL", label: t`Normal` },
          { value: "HIGH", label: t`High` },
          { value: "URGENT", label: t`Urgent` },
        ]}
        onChange={({ currentTarget }) => setValues({ ...values, priority: currentTarget.value as Priority })}
      />
      <TextInput
        label={t`Due`}
        description={otherTimeZone()}
        type="datetime-local"
        value={values.due}
        onChange={({ currentTarget }) => setValues({ ...values, due: currentTarget.value })}
      />
      <TextInput
        label={t`Tags`}
        description={t`Separated by commas`}
        value={values.tags}
        onChange={({ currentTarget }) => setValues({ ...values, tags: currentTarget.value })}
      />
    </SideForm>
  );
}
