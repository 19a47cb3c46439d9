import { useLingui } from "@lingui/react/macro";
import { Link, useRouter, type LinkProps } from "@tanstack/react-router";
import { words } from "../formats/values";
import { useViewer } from "../frame/viewer";
import { readFragment } from "../gql";
import type { ConsoleObjectNameFragment } from "../gql/graphql";
import type { FragmentType } from "../gql";
import { nameOfObject, objectName } from "../parts/object-name";
import { placeOf } from "../parts/object-place";
import { objectTypes } from "./object-types";

interface AuditedObject {
  readonly entityType: string;
  readonly entityId: string;
  readonly entity: FragmentType<typeof objectName> | null;
}

/** What the object of an entry is, in words. */
export function useObjectTexts() {
  const { i18n } = useLingui();
  return ({ entityType, entity }: AuditedObject) => {
    const title = entityType in objectTypes ? objectTypes[entityType as keyof typeof objectTypes] : null;
    const object: ConsoleObjectNameFragment | null = readFragment(objectName, entity);
    return { type: title === null ? words(entityType.toLowerCase()) : i18n._(title), name: object && nameOfObject(object), object };
  };
}

/** The object of an entry, as a link if the console has a page of it. */
export function ObjectLink({ of }: { readonly of: AuditedObject }) {
  const router = useRouter();
  const { type, name, object } = useObjectTexts()(of);
  const subject = object && "subject" in object ? object.subject : null;
  const place = placeOf(router, useViewer(), subject ?? object) as LinkProps | null;
  const text = name ?? of.entityId;
  return (
    <>
      {type} {place ? <Link {...place}>{text}</Link> : <span className="words">{text}</span>}
    </>
  );
}
