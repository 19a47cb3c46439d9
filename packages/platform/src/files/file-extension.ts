import { quote } from "@weft/shared/errors";
import { containers, texts } from "./file-types.js";

/** The types of files that can rightly have an extension: a media type, or all that begin with a prefix that ends in a slash. */
const types = new Map<string, readonly string[]>();

function fits(extensions: string, ...fitting: readonly string[]): void {
  for (const extension of extensions.split(" ")) types.set(extension, fitting);
}

// Programs show images, sound and film whatever the extension says, and cameras and browsers often give a wrong one of the kind.
fits("jpg jpeg jpe jfif png apng gif webp avif heic heif tif tiff bmp", "image/");
fits("mp3 m4a wav mp4 m4v mov webm", "audio/", "video/");
fits("pdf", "application/pdf");
fits("zip", "application/zip");
fits("txt csv tsv md markdown json ics log", ...texts);
// As in `checkContent`, the content of a container does not always show more than its format.
const openXml = "application/vnd.openxmlformats-officedocument";
fits("docx", `${openXml}.wordprocessingml.document`, "application/zip");
fits("xlsx", `${openXml}.spreadsheetml.sheet`, "application/zip");
fits("pptx", `${openXml}.presentationml.presentation`, "application/zip");
fits("doc dot xls xlt ppt pot msg", "application/x-cfb", ...(containers.get("application/x-cfb") ?? []));

// The lists of Outlook and Gmail, without certificates and mailboxes: https://support.microsoft.com/office/blocked-attachments-in-outlook-434752e1-02d3-4e90-9124-8b81e49a8519
// and https://support.google.com/mail/answer/6590.
// Files that systems run, or open with something that runs scripts, when a user opens them. Those without types are never accepted.
fits("exe com scr pif cpl dll ocx sys", "application/x-msdownload");
fits("bat cmd ps1 psm1 psd1 ps1xml psc1 vb vbs vbe js jse mjs cjs ws wsf wsc wsh sct hta");
fits("lnk url website scf inf ins reg msc msi msp mst msix msixbundle appx appxbundle application appref-ms settingcontent-ms gadget");
fits("library-ms search-ms chm hlp diagcab cab xll xlam docm dotm xlsm xltm pptm potm ppam ppsm swf iso img vhd vhdx");
fits("sh bash zsh csh ksh fish command tool workflow scpt applescript app dmg pkg mpkg desktop run appimage deb rpm py pyc pyw php phar");
// Queries and shortcuts that office programs follow, and their macros and add-ins.
fits("iqy oqy dqy rqy odc slk one onepkg onetoc2 pub ade adp mda mdb mde mdt mdw mdz accde accdr xla xlw ppa wll vsto oxt");
fits("mad maf mag mam maq mar mas mat mau mav maw mcf");
// Installers, remote desktops, profiles, shortcuts and themes of Windows and macOS.
fits("appinstaller rdp rdg terminal mobileconfig webloc inetloc fileloc searchconnector-ms appcontent-ms msu msh msh1 msh2 mshxml");
fits("ps2 ps2xml psc2 psdm1 pssc cdxml diagcfg diagpkg ppkg wsb bgi theme themepack deskthemepack printerexport webpnp xbap xnk");
fits("shb shs udl prf prg pcd plg ops osd isp its grp hpj cnt nsh vxd drv vbp vsmacros vsw wim asx wax wvx contact group");
// What web servers run, and what browsers run as a style of another file.
fits("php3 php4 php5 php7 php8 phtml pht phps jsp jspx jsf jspf asp aspx ashx asmx cshtml cfm cgi pl pyo pyz pyzw htc xsl xslt");
fits("jar jnlp class", "application/java-archive", "application/java-vm");
fits("apk", "application/vnd.android.package-archive");
fits("htm html shtml", "text/html");
fits("xht xhtml", "application/xhtml+xml");
fits("mht mhtml", "message/rfc822");
fits("svg svgz", "image/svg+xml");

/**
 * Returns why a file cannot have its name, as a sentence, or null: the extension (after the last dot) stands for other types than the one of the
 * content. Systems choose by the extension how to open a saved file, so a text called `report.bat` would run. Unknown extensions, as in `notes.v2`,
 * fit every type.
 * @param type the type by the content, as `checkContent` determines it
 */
export function extensionProblem(name: string, type: string): string | null {
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.normalize("NFKC").trim().toLowerCase();
  const fitting = extension === undefined ? undefined : types.get(extension);
  if (extension === undefined || fitting === undefined) return null;
  if (fitting.some((one) => (one.endsWith("/") ? type.startsWith(one) : type === one))) return null;
  return `The name ends in ${quote(`.${extension}`)}, which does not fit the content (${quote(type)}). Give the file another extension.`;
}
