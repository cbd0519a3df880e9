/** A file's text, as Vite and Vitest import it, in Node and in a page. */
declare module '*?raw' {
  const text: string;
  export default text;
}
