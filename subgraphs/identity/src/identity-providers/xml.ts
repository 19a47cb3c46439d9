import { DOMParser } from "@xmldom/xmldom";

/** A text that is not XML, or that contains what Weft does not accept in it. The message is for administrators. */
export class XmlRefused extends Error {
  /** The message without parts of the text, for logs. */
  readonly reason: string;

  /** @param detail what the parser says */
  constructor(reason: string, detail = "") {
    super(`${reason} ${detail}`.trim());
    this.reason = reason;
  }
}

export const ds = "http://www.w3.org/2000/09/xmldsig#";
export const xenc = "http://www.w3.org/2001/04/xmlenc#";
export const xenc11 = "http://www.w3.org/2009/xmlenc11#";
export const samlAssertion = "urn:oasis:names:tc:SAML:2.0:assertion";
export const samlProtocol = "urn:oasis:names:tc:SAML:2.0:protocol";
export const samlMetadata = "urn:oasis:names:tc:SAML:2.0:metadata";

const ELEMENT_NODE = 1;
const TEXT_NODE = 3;
/** How much a text can contain. Parsers and XPath need time that grows with the square of these. */
interface Limits {
  /** Start and end tags. */
  readonly tags: number;
  readonly namespaces: number;
  readonly attributes: number;
}

/**
 * Anybody can send one, and whoever has a key of a provider also has its signature verified, which then takes about 0.1 seconds. A response with 400 groups
 * has 900 tags. Providers that give the type of each value declare two namespaces for each, so they reach 240 groups.
 */
const ofResponses: Limits = { tags: 1_000, namespaces: 500, attributes: 2_000 };
/** Only administrators give one, and it is only parsed. */
const ofDocuments: Limits = { tags: 6_000, namespaces: 1_500, attributes: 6_000 };
/** Markup of comments, CDATA sections, and document types, which can define entities. Nowhere else can `<!` occur in XML. */
const declaration = /<!/;
const documentType = /<!(?!--|\[CDATA\[)/;
const attribute = /=\s*["']/;
const xmlDeclaration = /^\s*<\?xml\s[^?]*\?>/;

/**
 * Parses XML. Document types are refused, so there are no entities other than the five of XML: nothing is read from files or the network, and nothing grows.
 * Comments, CDATA sections, and processing instructions are refused as well, because signatures do not cover comments, and readers disagree about
 * where text that contains them ends.
 * @throws XmlRefused
 */
export function parseXml(text: string): Element {
  if (declaration.test(text)) throw new XmlRefused("It contains a comment, a CDATA section, or a document type.");
  return parse(text, ofResponses);
}

/** Parses XML that nobody has signed, such as an administrator's file. It can have comments. @throws XmlRefused */
export function parseUnsignedXml(text: string): Element {
  if (documentType.test(text)) throw new XmlRefused("It contains a document type.");
  return parse(text, ofDocuments);
}

function parse(text: string, { tags, namespaces, attributes }: Limits): Element {
  const isLarge = countOf(text, "<") > tags || countOf(text, "xmlns") > namespaces || countOf(text, attribute) > attributes;
  if (isLarge) throw new XmlRefused("It has too many elements or attributes.");
  const content = text.replace(xmlDeclaration, "").trim();
  if (content.includes("<?")) throw new XmlRefused("It contains a processing instruction.");
  const fail = (message: unknown): never => {
    throw new XmlRefused("It is not valid XML.", (String(message).split("\n")[0] ?? "").slice(0, 280));
  };
  // The parser would ignore text before the root, and keep text after it.
  if (!/^(<|$)/.test(content)) throw new XmlRefused("It is not valid XML. It does not begin with an element.");
  let document: Document | undefined;
  try {
    // Warnings are about attributes without quotes and the like, which the parser would put right.
    const parser = new DOMParser({ errorHandler: { warning: fail, error: fail, fatalError: fail } });
    document = parser.parseFromString(text, "text/xml") as Document | undefined;
  } catch (error) {
    if (error instanceof XmlRefused) throw error;
    fail(error instanceof Error ? error.message : error);
  }
  const root = document?.documentElement ?? null;
  if (document === undefined || root === null) throw new XmlRefused("It is empty.");
  const isOutside = (node: Node): boolean =>
    node !== root && (node.nodeType === ELEMENT_NODE || (node.nodeType === TEXT_NODE && isText(node)));
  if (Array.from(document.childNodes).some(isOutside)) throw new XmlRefused("It has text or elements outside of its root.");
  return root;
}

const isText = ({ nodeValue }: Node): boolean => (nodeValue ?? "").trim() !== "";

const countOf = (text: string, part: string | RegExp): number => text.split(part).length - 1;

/** Returns the elements directly in another one. */
export const childrenOf = (parent: Element): Element[] =>
  Array.from(parent.childNodes).filter((node): node is Element => node.nodeType === ELEMENT_NODE);

/** Returns the elements of a name directly in another one. */
export const childrenNamed = (parent: Element, namespace: string, name: string): Element[] =>
  childrenOf(parent).filter((child) => child.namespaceURI === namespace && child.localName === name);

/** Returns an element and all within it, in the order of the document. */
export function elementsOf(root: Element): Element[] {
  const found: Element[] = [];
  const waiting = [root];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    found.push(next);
    waiting.push(...childrenOf(next).toReversed());
  }
  return found;
}

/** Returns the text of an element. Null if it contains other elements. */
export const textOf = (element: Element): string | null => (childrenOf(element).length > 0 ? null : (element.textContent ?? "").trim());

/** Returns the value of an attribute without a namespace. Null if there is none. */
export const attributeOf = (element: Element, name: string): string | null =>
  element.hasAttribute(name) ? element.getAttribute(name) : null;

/** Escapes a text for the content of an element or an attribute in double quotes. */
export const escapeXml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
