import { Trans, useLingui } from "@lingui/react/macro";
import { NativeSelect } from "@mantine/core";
import { useAction } from "@weft/react";
import { useState } from "react";
import type { RequestLinkKind } from "../gql/graphql";
import { linkRequests } from "./link-operations";
import { OtherRequest } from "./other-request";
import { SideForm } from "./side-form";

interface AddLinkProps {
  readonly requestId: string;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Links the request to another one. */
export function AddLink({ requestId, onClose, onDone }: AddLinkProps) {
  const { t } = useLingui();
  const { run, isPending, error } = useAction(linkRequests);
  const [kind, setKind] = useState("RELATES_TO");
  const [other, setOther] = useState<string | null>(null);
  const kinds: readonly { readonly value: string; readonly label: string; readonly link: RequestLinkKind; readonly isInverse?: true }[] = [
    { value: "RELATES_TO", label: t`Relates to`, link: "RELATES_TO" },
    { value: "BLOCKS", label: t`Blocks`, link: "BLOCKS" },
    { value: "BLOCKED_BY", label: t`Blocked by`, link: "BLOCKS", isInverse: true },
    { value: "DUPLICATES", label: t`Duplicates`, link: "DUPLICATES" },
    { value: "PARENT_OF", label: t`Parent of`, link: "PARENT_OF" },
    { value: "PART_OF", label: t`Part of`, link: "PARENT_OF", isInverse: true },
  ];
  async function send() {
    const chosen = kinds.find(({ value }) => value === kind);
    if (other === null || chosen === undefined) return;
    const [id, toId] = chosen.isInverse ? [other, requestId] : [requestId, other];
    if ((await run({ input: { id, toId, kind: chosen.link } })) !== null) onDone();
  }
  return (
    <SideForm action={<Trans>Link</Trans>} isReady={other !== null} isPending={isPending} error={error} onSubmit={send} onClose={onClose}>
      <NativeSelect
        label={t`This request`}
        value={kind}
        data={kinds.map(({ value, label }) => ({ value, label }))}
        onChange={({ currentTarget }) => setKind(currentTarget.value)}
      />
      <OtherRequest exceptId={requestId} value={other} onChange={setOther} />
    </SideForm>
  );
}
