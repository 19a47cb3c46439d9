import { Trans, useLingui } from "@lingui/react/macro";
import { Button, TextInput } from "@mantine/core";
import { ErrorMessage, useAction } from "@weft/react";
import { useState } from "react";
import { ConfirmedButton } from "../../parts/confirmed-button";
import { AddDestination } from "./add-destination";
import { confirmDestination, removeDestination, type Preferences } from "./preference-operations";

type Destination = Preferences["destinations"][number];

interface DestinationsProps {
  readonly preferences: Preferences;
  readonly onChanged: () => void;
}

/** The chats, browsers and phone numbers that the user has added. */
export function Destinations({ preferences: { destinations, isSmsAvailable }, onChanged }: DestinationsProps) {
  const { t } = useLingui();
  const channels = { IN_APP: t`Here`, EMAIL: t`Email`, CHAT: t`Chat`, WEB_PUSH: t`Browser`, SMS: t`Phone number` };
  return (
    <section className="card" aria-labelledby="destinations">
      <h2 id="destinations">
        <Trans>Chats, browsers and phone numbers</Trans>
      </h2>
      {destinations.length === 0 ? (
        <p className="soft">
          <Trans>Messages also go to a chat, such as Slack or Teams, once you have added it.</Trans>
        </p>
      ) : (
        <ul className="entries">
          {destinations.map((one) => (
            <DestinationRow key={one.id} destination={one} channel={channels[one.channel]} onChanged={onChanged} />
          ))}
        </ul>
      )}
      <AddDestination isSmsAvailable={isSmsAvailable} onAdded={onChanged} />
    </section>
  );
}

interface DestinationRowProps extends Pick<DestinationsProps, "onChanged"> {
  readonly destination: Destination;
  readonly channel: string;
}

function DestinationRow({ destination: { id, name, host, status, reason }, channel, onChanged }: DestinationRowProps) {
  const { t } = useLingui();
  const { run, isPending, error } = useAction(removeDestination);
  const problem = status === "UNCONFIRMED" ? t`not confirmed yet` : status === "DISABLED" ? t`gets nothing` : null;
  return (
    <li>
      <span className="words">{name}</span>
      <span className="soft">
        {[channel, host].join(" · ")}
        {problem !== null && <span className="late"> · {[problem, reason].filter(Boolean).join(": ")}</span>}
      </span>
      <ConfirmedButton
        name={t`Remove ${name}`}
        confirm={<Trans>Remove it</Trans>}
        isPending={isPending}
        onConfirmed={() => void run({ input: { id } }).then((done) => done && onChanged())}
      >
        <Trans>Remove</Trans>
      </ConfirmedButton>
      {status === "UNCONFIRMED" && <Confirm id={id} onConfirmed={onChanged} />}
      <ErrorMessage error={error} />
    </li>
  );
}

/** Takes the code that was sent to a phone number. */
function Confirm({ id, onConfirmed }: { readonly id: string; readonly onConfirmed: () => void }) {
  const { t } = useLingui();
  const { run, isPending, error } = useAction(confirmDestination);
  const [code, setCode] = useState("");
  return (
    <form
      className="fields"
      onSubmit={(event) => {
        event.preventDefault();
        void run({ input: { id, code: code.trim() } }).then((done) => done && onConfirmed());
      }}
    >
      <TextInput
        name="phone-code"
        label={t`Code that was sent to the phone`}
        autoComplete="one-time-code"
        required
        withAsterisk={false}
        value={code}
        onChange={({ currentTarget }) => setCode(currentTarget.value)}
      />
      <ErrorMessage error={error} />
      <p className="actions">
        <Button type="submit" size="xs" aria-disabled={isPending}>
          <Trans>Confirm</Trans>
        </Button>
      </p>
    </form>
  );
}
