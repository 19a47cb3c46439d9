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

/** Changes the priority, the due date and the tags, for users who can. */
export function Triage({ request, onChanged }: PropertiesProps) {
  const viewer = useViewer();
  const [isOpen, setOpen] = useState(false);
  if (!can(viewer, "request.triage") || request.closedAt !== null || request.status !== "RUNNING") return null;
  if (!isOpen)
    return (
      <button type="button" className="link" onClick={() => setOpen(true)}>
        <Trans>Change priority, due date and tags</Trans>
      </button>
    );
  const close = (): void => setOpen(false);
  return (
    <TriageForm
      request={request}
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

interface TriageFormProps extends PropertiesProps {
  readonly onConflict: () => void;
  readonly onClose: () => void;
}

function TriageForm({ request, onChanged, onConflict, onClose }: TriageFormProps) {
  const { t, i18n } = useLingui();
  const { run, isPending, error, reset } = useAction(triageRequest);
  useReloadOnConflict(error, onConflict);
  const [seen, setSeen] = useState(request);
  const [values, setValues] = useState(() => valuesOf(request));
  const isBehind = request.version !== seen.version;
  const labels: Readonly<Record<string, string>> = { priority: t`Priority`, due: t`Due`, tags: t`Tags` };
  const textOf = (name: string, value: unknown): string => {
    if (name === "priority") return i18n._(priorities[value as Priority]);
    return valueText(name === "due" && typeof value === "string" ? pointInTime(value, timeZone()) : value, i18n.locale);
  };
  const goOn = (next: typeof values): void => {
    setSeen(request);
    setValues(next);
    reset();
  };
  async function send() {
    const before = valuesOf(seen);
    const input = {
      id: request.id,
      expectedVersion: seen.version,
      // Only what the user has changed: a priority that is sent no longer follows from impact and urgency.
      ...(values.priority !== before.priority && { priority: values.priority }),
      ...(values.due !== before.due && { dueAt: pointInTime(values.due, timeZone()) ?? null }),
      ...(values.tags !== before.tags && {
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
          changes={changesBetween(valuesOf(seen), valuesOf(request))}
          labelOf={(name) => labels[name] ?? name}
          textOf={textOf}
          onKeep={() => goOn(withMine(values, valuesOf(seen), valuesOf(request)))}
          onTake={() => goOn(valuesOf(request))}
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
