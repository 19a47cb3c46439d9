import { Trans, useLingui } from "@lingui/react/macro";
import { Button, TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { ErrorMessage, useAction } from "@weft/react";
import { useState, type SyntheticEvent } from "react";
import { dateText, relativeText } from "../formats/times";
import type { ConsoleVendorOffersQuery, ConsoleVendorOffersQueryVariables } from "../gql/graphql";
import { useTextDraft } from "../parts/drafts";
import { useLivePages } from "../parts/pages/use-live-pages";
import { Placeholders } from "../parts/placeholders";
import "../portal/portal.css";
import "./vendor.css";
import { OfferStatus } from "./offer-status";
import { ShowMore } from "./show-more";
import { acceptOffer, declineOffer, notified, offersQuery, workChanged, type Offer } from "./vendor-operations";

const useOffers = (status: ConsoleVendorOffersQueryVariables["filter"]["status"]) =>
  useLivePages<ConsoleVendorOffersQuery, ConsoleVendorOffersQueryVariables, Offer>({
    query: offersQuery,
    sources: [
      { subscription: notified, variables: {} },
      { subscription: workChanged, variables: {} },
    ],
    variables: { filter: { status } },
    pageOf: (result) => result.vendorOffers,
  });

/** Requests that are offered to the vendor. */
export function OffersPage() {
  const openOffers = useOffers({ eq: "OPEN" });
  const earlier = useOffers({ ne: "OPEN" });
  const open = openOffers.page?.edges.map(({ node }) => node) ?? null;
  const answered = earlier.page?.edges.map(({ node }) => node) ?? [];
  const error = openOffers.error ?? earlier.error;
  const onAnswered = (): void => {
    // It can be one of an older page.
    openOffers.forgetOlder();
    void openOffers.reload();
    void earlier.reload();
  };
  return (
    <div className="portal" data-page="offers">
      <h1>
        <Trans>Offers</Trans>
      </h1>
      <ErrorMessage error={error} />
      {open === null && error === null && <Placeholders />}
      {open?.length === 0 && (
        <p className="soft">
          <Trans>Nothing is offered to your company. You are notified when there is an offer.</Trans>
        </p>
      )}
      {open?.map((offer) => (
        <OpenOffer key={offer.id} offer={offer} onDone={onAnswered} />
      ))}
      <ShowMore list={openOffers} />
      {answered.length > 0 && (
        <section aria-labelledby="answered">
          <h2 id="answered">
            <Trans>Earlier offers</Trans>
          </h2>
          <ul className="list">
            {answered.map((offer) => (
              <Answered key={offer.id} offer={offer} />
            ))}
          </ul>
          <ShowMore list={earlier} />
        </section>
      )}
    </div>
  );
}

function Answered({ offer: { number, title, status, endedAt, offeredAt, request } }: { readonly offer: Offer }) {
  const { i18n } = useLingui();
  const content = (
    <>
      <span className="title">{title}</span>
      <OfferStatus status={status} />
      <span className="meta">{number}</span>
      <span className="when">{relativeText(endedAt ?? offeredAt, i18n.locale)}</span>
    </>
  );
  return (
    <li>
      {request ? (
        <Link className="row" to="/vendor/requests/$id" params={{ id: request.id }}>
          {content}
        </Link>
      ) : (
        <div className="row">{content}</div>
      )}
    </li>
  );
}

function OpenOffer({ offer, onDone }: { readonly offer: Offer; readonly onDone: () => void }) {
  const { t, i18n } = useLingui();
  const { id, number, title, category, buildingName, dueAt, note, expiresAt } = offer;
  const accept = useAction(acceptOffer);
  const decline = useAction(declineOffer);
  const { text: reason, setText: setReason } = useTextDraft(`decline:${id}`);
  /** Undefined: the user has not chosen to decline yet, or had begun to before a reload. */
  const [isChosen, setChosen] = useState<boolean>();
  const isDeclining = isChosen ?? reason !== "";
  async function onAccept(): Promise<void> {
    if (await accept.run({ input: { id } })) onDone();
  }
  async function onDecline(event: SyntheticEvent): Promise<void> {
    event.preventDefault();
    if (reason.trim() === "" || !(await decline.run({ input: { id, reason } }))) return;
    setReason("");
    onDone();
  }
  function onCancel(): void {
    setReason("");
    setChosen(false);
  }
  return (
    <article className="card offer-open" aria-labelledby={id}>
      <header>
        <p className="soft">{[number, category, buildingName].filter(Boolean).join(" · ")}</p>
        <h2 id={id}>{title}</h2>
      </header>
      {note !== null && <p className="said">{note}</p>}
      <dl className="facts">
        <div>
          <dt>
            <Trans>Answer until</Trans>
          </dt>
          <dd>
            <time dateTime={expiresAt} title={dateText(expiresAt, i18n.locale)}>
              {relativeText(expiresAt, i18n.locale)}
            </time>
          </dd>
        </div>
        {dueAt !== null && (
          <div>
            <dt>
              <Trans>Work due</Trans>
            </dt>
            <dd>{dateText(dueAt, i18n.locale)}</dd>
          </div>
        )}
      </dl>
      <ErrorMessage error={accept.error ?? decline.error} />
      {isDeclining ? (
        <form onSubmit={(event) => void onDecline(event)}>
          <TextInput
            autoFocus={isChosen === true}
            required
            label={t`Why do you decline?`}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <div className="buttons">
            <Button type="submit" loading={decline.isPending} disabled={reason.trim() === ""}>
              <Trans>Decline the offer</Trans>
            </Button>
            <Button variant="default" onClick={onCancel}>
              <Trans>Cancel</Trans>
            </Button>
          </div>
        </form>
      ) : (
        <div className="buttons">
          <Button loading={accept.isPending} onClick={() => void onAccept()}>
            <Trans>Accept</Trans>
          </Button>
          <Button variant="default" onClick={() => setChosen(true)}>
            <Trans>Decline</Trans>
          </Button>
        </div>
      )}
    </article>
  );
}
