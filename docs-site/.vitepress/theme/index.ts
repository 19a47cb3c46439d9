// Without fonts: the system's are good, and two hundred kilobytes less to load.
import theme from "vitepress/theme-without-fonts";
import "./colors.css";
import "./diagrams.css";

export default theme;
