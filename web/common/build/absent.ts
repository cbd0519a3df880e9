/** In place of modules that packages of the pages name and no page reaches. */
export default {};
