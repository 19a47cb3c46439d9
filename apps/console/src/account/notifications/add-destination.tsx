import { Trans, useLingui } from "@lingui/react/macro";
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import type { ChatFormat } from "../../gql/graphql";
import { weft } from "../../weft";
import { ProofForm } from "../proof-form";
import { addDestination } from "./preference-operations";

interface AddDestinationProps {
  readonly isSmsAvailable: boolean;
  readonly onAdded: () => void;
}

const empty = { name: "", format: "SLACK" as ChatFormat, address: "" };

/** Adds a chat by its incoming webhook, or a phone number. */
export function AddDestination({ isSmsAvailable, onAdded }: AddDestinationProps) {
  const { t } = useLingui();
  const [open, setOpen] = useState<"chat" | "phone" | null>(null);
  const [{ name, format, address }, setValues] = useState(empty);
  const set = (values: Partial<typeof empty>): void => setValues((before) => ({ ...before, ...values }));
  const close = (): void => {
    setOpen(null);
    setValues(empty);
  };
  if (open === null)
    return (
      <p className="actions">
        <Button variant="default" size="xs" data-action="add-chat" onClick={() => setOpen("chat")}>
          <Trans>Add a chat</Trans>
        </Button>
        {isSmsAvailable && (
          <Button variant="default" size="xs" data-action="add-phone" onClick={() => setOpen("phone")}>
            <Trans>Add a phone number</Trans>
          </Button>
        )}
      </p>
    );
  return (
    <ProofForm
      methods={[]}
      action={<Trans>Add</Trans>}
      onProved={async () => {
        const target =
          open === "chat" ? { chat: { format, url: address.trim() } } : { sms: { phoneNumber: address.replaceAll(/[\s()/.-]/g, "") } };
        await weft.mutate(addDestination, { input: { name: name.trim(), ...target } });
        close();
        onAdded();
      }}
      onCancel={close}
    >
      <TextInput
        autoFocus
        name="destination-name"
        label={t`Name by which you recognize it`}
        required
        withAsterisk={false}
        maxLength={100}
        value={name}
        onChange={({ currentTarget }) => set({ name: currentTarget.value })}
      />
      {open === "chat" && (
        <NativeSelect
          label={t`Kind of chat`}
          value={format}
          data={[
            { value: "SLACK", label: t`Slack, Mattermost, Rocket.Chat` },
            { value: "TEAMS", label: t`Microsoft Teams` },
          ]}
          onChange={({ currentTarget }) => set({ format: currentTarget.value as ChatFormat })}
        />
      )}
      <TextInput
        name="destination-address"
        type={open === "chat" ? "url" : "tel"}
        label={open === "chat" ? t`URL of its incoming webhook` : t`Phone number, for example +41 79 123 45 67`}
        description={open === "chat" ? t`It is not shown again.` : t`A code is sent to it.`}
        required
        withAsterisk={false}
        value={address}
        onChange={({ currentTarget }) => set({ address: currentTarget.value })}
      />
    </ProofForm>
  );
}
