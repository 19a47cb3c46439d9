/** What a response of SAML may look like, and what an assertion says. Everything here is checked in addition to what the library checks. */
import { MAX_GROUPS, toProviderUser, type ProviderUser } from "./user-claims.js";
import type { SamlConfiguration } from "../identity-providers/saml-configuration.js";
import { attributeOf, childrenNamed, childrenOf, ds, elementsOf, samlAssertion, samlProtocol, textOf } from "../identity-providers/xml.js";
import { AnswerRefused } from "./answer-refused.js";
import { signatureMethods } from "./saml-signature.js";

/** Clocks of a provider and of Weft can differ by this. */
export const clockSkewMs = 60_000;

const bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
const success = "urn:oasis:names:tc:SAML:2.0:status:Success";
const transient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
const exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";

const digestMethods = new Set(["http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmlenc#sha512"]);
const canonicalizations = new Set([exclusive, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"]);
const transforms = new Set([exclusive, "http://www.w3.org/2000/09/xmldsig#enveloped-signature"]);
const knownConditions = new Set(["AudienceRestriction", "OneTimeUse", "ProxyRestriction"]);
/** Microsoft Entra ID sends this instead of the groups if there are more than 150. */
const groupsElsewhere = "http://schemas.microsoft.com/claims/groups.link";
const timePattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** @throws AnswerRefused */
export const refuse = (message: string): never => {
  throw new AnswerRefused(message);
};

const identifiers = /^(urn:oasis:names:tc:SAML:2\.0:status:[A-Za-z]{1,40}|http:\/\/www\.w3\.org\/\d{4}\/\d{2}\/[\w-]{1,20}#[\w-]{1,30})$/;

/** Returns an identifier of the standards for a log. Anything else could be a part of what somebody has sent. */
export const identifier = (text: string): string => (identifiers.test(text) ? text : "(unknown)");

/** Returns the only element of a list. @throws AnswerRefused */
export function only(elements: readonly Element[], what: string): Element {
  const [first, ...others] = elements;
  if (first === undefined) return refuse(`The response has no ${what}.`);
  return others.length > 0 ? refuse(`The response has more than one ${what}.`) : first;
}

/**
 * Checks the structure of a response, before its signature is verified: one assertion, signatures that are where they must be and cover the element that
 * they are in, and only algorithms that are safe. Attacks that wrap a signed element in one that is not signed need another structure.
 * @returns the `Assertion`, or the `EncryptedAssertion`, whose content must be checked by `assertDecryptedStructure`
 * @throws AnswerRefused
 */
export function assertStructure(root: Element, { issuer, acsUrl }: { readonly issuer: string; readonly acsUrl: string }): Element {
  if (root.namespaceURI !== samlProtocol || root.localName !== "Response") refuse("The answer is not a response of SAML 2.0.");
  if (attributeOf(root, "Version") !== "2.0") refuse("The version of the response is not 2.0.");
  const destination = attributeOf(root, "Destination");
  if (destination !== null && destination !== acsUrl) refuse("The response has another destination.");
  for (const each of childrenNamed(root, samlAssertion, "Issuer")) if (textOf(each) !== issuer) refuse("The response has another issuer.");
  assertSuccess(root);
  const all = elementsOf(root);
  const named = (name: string): Element[] => all.filter(({ localName }) => localName === name);
  assertNoEncryptedParts(named);
  const assertion = only([...named("Assertion"), ...named("EncryptedAssertion")], "assertion");
  const isEncrypted = assertion.localName === "EncryptedAssertion";
  if (assertion.namespaceURI !== samlAssertion || assertion.parentNode !== root) refuse("The assertion is not where it must be.");
  only(named("Response"), "response");
  assertUniqueIds(all);
  const signatures = named("Signature");
  // That of an encrypted assertion is encrypted, too.
  if (signatures.length === 0 && !isEncrypted) refuse("Neither the response nor the assertion is signed.");
  assertSignatures(signatures, isEncrypted ? [root] : [root, assertion]);
  return assertion;
}

/**
 * Checks the structure of a decrypted assertion in the same way. @param isCovered whether a signature of the response covers it
 * @throws AnswerRefused
 */
export function assertDecryptedStructure(root: Element, { isCovered }: { readonly isCovered: boolean }): void {
  if (root.namespaceURI !== samlAssertion || root.localName !== "Assertion") refuse("What is encrypted is not an assertion.");
  const all = elementsOf(root);
  const named = (name: string): Element[] => all.filter(({ localName }) => localName === name);
  assertNoEncryptedParts(named);
  only([...named("Assertion"), ...named("EncryptedAssertion"), ...named("Response")], "assertion");
  assertUniqueIds(all);
  const signatures = named("Signature");
  if (signatures.length === 0 && !isCovered) refuse("Neither the response nor the assertion is signed.");
  assertSignatures(signatures, [root]);
}

/** Only whole assertions can be encrypted. */
function assertNoEncryptedParts(named: (name: string) => readonly Element[]): void {
  if (named("EncryptedID").length + named("EncryptedAttribute").length > 0)
    refuse("A part of the assertion is encrypted. Let the provider encrypt the assertion as a whole.");
}

function assertSignatures(signatures: readonly Element[], owners: readonly Element[]): void {
  for (const owner of owners)
    if (signatures.filter(({ parentNode }) => parentNode === owner).length > 1) refuse("An element has more than one signature.");
  for (const signature of signatures) assertSignature(signature, owners);
}

/** A provider that refuses a login says so in a response without an assertion, which it need not sign. */
function assertSuccess(root: Element): void {
  const status = only(childrenNamed(root, samlProtocol, "Status"), "status");
  const code = attributeOf(only(childrenNamed(status, samlProtocol, "StatusCode"), "status code"), "Value") ?? "";
  if (code !== success) throw new AnswerRefused(`The provider refused the login: ${identifier(code)}.`, { isDenial: true });
}

/** Two elements with the same ID are how a signature of one is taken for that of the other. */
function assertUniqueIds(elements: readonly Element[]): void {
  const ids = elements.flatMap((element) => ["ID", "Id", "id"].flatMap((name) => attributeOf(element, name) ?? []));
  if (new Set(ids).size < ids.length) refuse("Two elements of the response have the same ID.");
}

function assertSignature(signature: Element, owners: readonly Element[]): void {
  const owner = owners.find((each) => signature.parentNode === each);
  if (signature.namespaceURI !== ds || owner === undefined) return refuse("A signature is not where it must be.");
  const parts = elementsOf(signature);
  const part = (name: string): Element => {
    const element = only(
      parts.filter(({ localName }) => localName === name),
      name,
    );
    return element.namespaceURI === ds ? element : refuse(`The element ${name} has another namespace.`);
  };
  const algorithm = (name: string, allowed: Pick<ReadonlySet<string>, "has">): void => {
    const value = attributeOf(part(name), "Algorithm") ?? "";
    if (!allowed.has(value)) refuse(`The algorithm ${identifier(value)} of a signature is not accepted.`);
  };
  algorithm("SignatureMethod", signatureMethods);
  algorithm("DigestMethod", digestMethods);
  algorithm("CanonicalizationMethod", canonicalizations);
  for (const name of ["SignedInfo", "SignatureValue", "DigestValue"]) part(name);
  if (parts.some(({ localName }) => localName === "Object" || localName === "Manifest")) refuse("A signature contains an object.");
  const id = attributeOf(owner, "ID") ?? "";
  if (id === "" || attributeOf(part("Reference"), "URI") !== `#${id}`) refuse("A signature is not about the element that it is in.");
  for (const each of parts.filter(({ localName }) => localName === "Transform"))
    if (!transforms.has(attributeOf(each, "Algorithm") ?? "")) refuse("A transform of a signature is not accepted.");
}

/** What an assertion must be about. */
export interface ExpectedAssertion {
  /** ID of Weft's request. */
  readonly state: string;
  readonly acsUrl: string;
  readonly entityId: string;
  readonly now: number;
  /** Time since which the user must have logged in at the provider. Null: any time. */
  readonly authenticatedSince: Date | null;
}

/**
 * Returns the user that an assertion describes.
 * @param assertion as it was signed
 * @throws AnswerRefused
 */
export function readAssertion(assertion: Element, configuration: SamlConfiguration, expected: ExpectedAssertion): ProviderUser {
  const children = (name: string): Element[] => childrenNamed(assertion, samlAssertion, name);
  if (assertion.namespaceURI !== samlAssertion || assertion.localName !== "Assertion") refuse("What is signed is not an assertion.");
  if (textOf(only(children("Issuer"), "issuer")) !== configuration.issuer) refuse("The assertion has another issuer.");
  const subject = only(children("Subject"), "subject");
  assertConfirmed(subject, expected);
  assertConditions(only(children("Conditions"), "condition"), expected);
  const nameId = only(childrenNamed(subject, samlAssertion, "NameID"), "NameID");
  const statement = only(children("AuthnStatement"), "authentication statement");
  if (!isBefore(expected.now, attributeOf(statement, "SessionNotOnOrAfter"))) refuse("The provider's session has ended.");
  assertRecent(statement, expected);
  const statements = children("AttributeStatement");
  const attributes = attributesOf(statements);
  const { subjectAttribute, emailAttribute, nameAttribute, groupsAttribute, verifiesEmail } = configuration;
  if (subjectAttribute === null && attributeOf(nameId, "Format") === transient)
    refuse("The NameID is transient. Set another format at the provider, or an attribute that identifies the user.");
  // Roles would be taken from the user by mistake.
  if (groupsAttribute !== null && statements.some((each) => hasOtherValues(each, groupsAttribute))) refuse("A group is not a text.");
  const groups = groupsAttribute === null ? [] : (attributes.get(groupsAttribute) ?? []);
  const isCut = groupsAttribute !== null && groups.length === 0 && attributes.has(groupsElsewhere);
  if (isCut || groups.length > MAX_GROUPS) refuse("The provider gives more groups than an assertion holds.");
  const user = toProviderUser({
    subject: (subjectAttribute === null ? textOf(nameId) : theOnly(attributes.get(subjectAttribute))) ?? "",
    email: emailAttribute === null ? textOf(nameId) : theOnly(attributes.get(emailAttribute)),
    isEmailVerified: verifiesEmail,
    name: attributes.get(nameAttribute)?.[0] ?? null,
    groups: new Set(groups),
    session: attributeOf(statement, "SessionIndex"),
  });
  return user ?? refuse("The identifier of the user is missing or too long.");
}

/** A provider that ignores the wish for a new login must not renew anything. */
function assertRecent(statement: Element, { authenticatedSince, now }: ExpectedAssertion): void {
  if (authenticatedSince === null) return;
  const instant = attributeOf(statement, "AuthnInstant");
  if (instant === null) return refuse("The provider does not say when the user logged in (AuthnInstant).");
  const at = timeOf(instant);
  if (at < authenticatedSince.getTime() - clockSkewMs || at > now + clockSkewMs)
    refuse("The provider has not asked the user to log in again.");
}

/** With two identifiers or addresses, a user would be one or another by the order of the values. */
const theOnly = (values: readonly string[] | undefined): string | null => (values?.length === 1 ? (values[0] ?? null) : null);

/** The assertion must be for whoever brings it, at this address, and in response to the request of this login. */
function assertConfirmed(subject: Element, { state, acsUrl, now }: ExpectedAssertion): void {
  const isConfirmed = childrenNamed(subject, samlAssertion, "SubjectConfirmation").some((confirmation) => {
    const [data] = childrenNamed(confirmation, samlAssertion, "SubjectConfirmationData");
    return (
      data !== undefined &&
      attributeOf(confirmation, "Method") === bearer &&
      attributeOf(data, "InResponseTo") === state &&
      attributeOf(data, "Recipient") === acsUrl &&
      data.hasAttribute("NotOnOrAfter") &&
      isWithin(data, now)
    );
  });
  if (!isConfirmed) refuse("The assertion is for another login or another recipient, or it has expired.");
}

function assertConditions(conditions: Element, { entityId, now }: ExpectedAssertion): void {
  if (!isWithin(conditions, now)) refuse("The assertion is not valid yet, or has expired.");
  const all = childrenOf(conditions);
  if (all.some(({ namespaceURI, localName }) => namespaceURI !== samlAssertion || !knownConditions.has(localName)))
    refuse("The assertion has a condition that is not known.");
  const audiences = all.filter(({ localName }) => localName === "AudienceRestriction");
  // Each of them must contain Weft.
  const isFor = (restriction: Element): boolean =>
    childrenNamed(restriction, samlAssertion, "Audience").some((audience) => textOf(audience) === entityId);
  if (audiences.length === 0 || !audiences.every(isFor)) refuse("The assertion is for another audience.");
}

const isWithin = (element: Element, now: number): boolean =>
  isBefore(now, attributeOf(element, "NotOnOrAfter")) && isAfter(now, attributeOf(element, "NotBefore"));

const isBefore = (now: number, text: string | null): boolean => text === null || now < timeOf(text) + clockSkewMs;

const isAfter = (now: number, text: string | null): boolean => text === null || now >= timeOf(text) - clockSkewMs;

const timeOf = (text: string): number =>
  timePattern.test(text) && !Number.isNaN(Date.parse(text)) ? Date.parse(text) : refuse("A time of the assertion is not valid.");

/** Returns the values of attributes that are texts. */
function attributesOf(statements: readonly Element[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const statement of statements)
    for (const attribute of childrenNamed(statement, samlAssertion, "Attribute")) {
      const values = childrenNamed(attribute, samlAssertion, "AttributeValue").flatMap((value) => textOf(value) ?? []);
      const name = attributeOf(attribute, "Name") ?? "";
      found.set(name, [...(found.get(name) ?? []), ...values]);
    }
  return found;
}

/** Whether values of an attribute are not texts. */
const hasOtherValues = (statement: Element, name: string): boolean =>
  childrenNamed(statement, samlAssertion, "Attribute")
    .filter((attribute) => attributeOf(attribute, "Name") === name)
    .some((attribute) => childrenNamed(attribute, samlAssertion, "AttributeValue").some((value) => textOf(value) === null));
