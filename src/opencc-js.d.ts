/** The dictionaries of opencc-js have no types of their own: each is one string, "from to|from to|…". */
declare module 'opencc-js/dict/TSCharacters' {
  const table: string
  export default table
}
