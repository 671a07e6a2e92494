import iconv from 'iconv-lite'
import { describe, expect, test } from 'vitest'
import { decodeDocument } from '../../../src/source/charset/charset.ts'

const ZH = '大数据与人工智能：新闻时代的芯片。'.repeat(20)
const JA = 'ビッグデータの話をしましょう。'.repeat(20)
const KO = '빅데이터와 인공지능 뉴스입니다. '.repeat(20)
const RU = 'Большие данные и новости дня. '.repeat(20)

describe('each charset is read when it is declared', () => {
  test.each([
    ['gb2312', 'gbk', ZH],
    ['GBK', 'gbk', ZH],
    ['gb18030', 'gb18030', `${ZH}𠮷`],
    ['big5', 'big5', '大數據與人工智慧'],
    ['Shift_JIS', 'shift_jis', JA],
    ['EUC-JP', 'euc-jp', JA],
    ['EUC-KR', 'euc-kr', KO],
    ['windows-1251', 'windows-1251', RU],
    ['koi8-r', 'koi8-r', RU],
    ['koi8-u', 'koi8-u', 'Великі дані'],
    ['windows-1252', 'windows-1252', '“Café” – 10 €'],
    ['iso-8859-1', 'windows-1252', '“Café” – 10 €'],
    ['us-ascii', 'windows-1252', '“Café” – 10 €'],
    ['iso-8859-2', 'iso-8859-2', 'Zażółć gęślą jaźń'],
    ['iso-8859-15', 'iso-8859-15', 'Café 10 €'],
    ['windows-1250', 'windows-1250', 'Příliš žluťoučký'],
    ['windows-1256', 'windows-1256', 'البيانات الكبيرة'],
    ['tis-620', 'windows-874', 'ข้อมูลขนาดใหญ่'],
    ['utf-8', 'utf-8', `${ZH}😀`],
  ])('%s', (label, charset, text) => {
    const inXml = `<?xml version="1.0" encoding="${label}"?><rss>${text}</rss>`
    expect(decodeDocument(iconv.encode(inXml, charset), null).text).toBe(inXml)
    expect(decodeDocument(iconv.encode(text, charset), `text/xml; charset="${label}"`).text).toBe(text)
  })

  test.each([
    ['HZ-GB-2312', '~{<:Ky2;~}~x~~', '己所不~x~'],
    ['ISO-2022-KR', '\u001b$)C\u000e0!3*\u000fx', '가나x'],
    ['UTF-7', '+ZeVnLIqe- 1 +- 1', '日本語 1 + 1'],
  ])('%s, whose bytes are all ASCII', (label, written, text) => {
    const bytes = Buffer.from(`<rss>${written}</rss>`, 'latin1')
    expect(decodeDocument(bytes, `text/xml; charset=${label}`).text).toBe(`<rss>${text}</rss>`)
    expect(decodeDocument(Buffer.from('1+1'), `text/xml; charset=${label}`).text).toBe('1+1')
    expect(decodeDocument(Buffer.from('+ZeVnLIqe- é'), `text/xml; charset=${label}`).text).toContain('é')
  })

  test.each(['<rss>', '<?xml version="1.0" encoding="utf-8"?><rss>'])('ISO-2022-JP behind %s', (start) => {
    const bytes = Buffer.from(`${start}\u001b$B%G!<%?\u001b(B</rss>`, 'latin1')
    expect(decodeDocument(bytes, null)).toEqual({ text: `${start}データ</rss>`, charset: 'iso-2022-jp' })
    const other = Buffer.from(`${start}\u001b$B%G!<%?ä</rss>`)
    expect(decodeDocument(other, null).charset).toBe('utf-8')
  })

  test('ISO-2022-JP, whose bytes are all ASCII', () => {
    const bytes = Buffer.from('<?xml version="1.0" encoding="iso-2022-jp"?><rss>\u001b$B%G!<%?\u001b(B</rss>', 'latin1')
    expect(decodeDocument(bytes, null).text).toContain('<rss>データ</rss>')
  })
})

describe('EBCDIC shows in its first bytes', () => {
  // "<?xml version="1.0" encoding="…"?>" and "<rss>…</rss>" around a line end, as IBM's machines write them.
  const [begin, middle] = ['4c6fa7949340a58599a28996957e7ff14bf07f4085958396848995877e7f', '7f6f6e254c99a2a26e']
  test.each([
    ['ibm037', '898294f0f3f7', '5a80ba9f51', '!Ø[¤é'],
    ['ibm1140', '898294f1f1f4f0', '5a809f51', '!Ø€é'],
    ['cp500', '8397f5f0f0', '4f804a9f51', '!Ø[¤é'],
    ['cp875', '8397f8f7f5', '4f8041', '!\ufffd\ufffd'],
  ])('%s', (label, written, bytes, text) => {
    const document = Buffer.from([begin, written, middle, bytes, '4c6199a2a26e'].join(''), 'hex')
    const expected = `<?xml version="1.0" encoding="${label}"?>\n<rss>${text}</rss>`
    expect(decodeDocument(document, null)).toEqual({ text: expected, charset: 'ebcdic' })
  })
})

test.each([
  ['EUC-JP', 'Shift_JIS', JA],
  ['Shift_JIS', 'EUC-JP', JA],
  ['EUC-KR', 'Shift_JIS', KO],
  ['gbk', 'EUC-JP', ZH],
  ['gbk', 'iso-8859-1', ZH],
  ['EUC-JP', 'windows-1252', JA],
  ['windows-1251', 'iso-8859-1', RU],
  ['windows-1251', 'iso-8859-1', 'Большие данные и новости'],
  ['windows-1251', 'koi8-r', 'Большие данные. Новости дня'],
  ['koi8-r', 'windows-1251', 'Большие данные. Новости дня'],
  ['koi8-r', 'koi8-r', 'БОЛЬШИЕ ДАННЫЕ'],
  ['windows-1250', 'iso-8859-2', 'Zażółć gęślą jaźń'],
  ['windows-1252', 'iso-8859-1', 'Où été à côté, œufs d’été : élevé, réélu, dégénéré. '.repeat(20)],
])('%s that calls itself %s is read as what it is', (charset, label, text) => {
  const inXml = `<?xml version="1.0" encoding="${label}"?><rss>${text}</rss>`
  expect(decodeDocument(iconv.encode(inXml, charset), null).text).toBe(inXml)
})

test.each([
  '<!-- made by hand -->\n<?xml version="1.0" encoding="windows-1251"?>',
  '<?XML VERSION="1.0" ENCODING="windows-1251"?>',
  '<?xml version=1.0 encoding=windows-1251 ?>',
  '<?xml version="1.0" encoding="windows-1251?>',
  '<?xml version="1.0" encoding=" windows-1251 "?>',
  '<?xml version="1.0" charset="windows-1251"?>',
  '<? xml version="1.0" encoding="windows-1251"?>',
  'xml version="1.0" encoding="windows-1251"?>',
  '<?xml version=&quot;1.0&quot; encoding=&quot;windows-1251&quot;?>',
  '<?xml version="1.0" encoding="utf-8"?><?xml version="1.0" encoding="windows-1251"?>',
  '<br />\n<b>Warning</b>: something is old in <b>/srv/feed.php</b><br />\n<?xml version="1.0" encoding="windows-1251"?>',
])('a declaration counts as it is written: %s', (declaration) => {
  const document = `${declaration}<rss>При</rss>`
  expect(decodeDocument(iconv.encode(document, 'windows-1251'), null).text).toBe(document)
})

test.each(['text/xml charset=koi8-r', 'charset=koi8-r', 'text/xml; charset: koi8-r', 'text/xml;Charset = "koi8-r"'])(
  'so does what HTTP says: %s',
  (contentType) => {
    expect(decodeDocument(iconv.encode('<rss>При</rss>', 'koi8-r'), contentType).text).toBe('<rss>При</rss>')
  },
)

test.each([
  ['gb2312', 'windows-1251', 'Новости дня: большие данные, погода и спорт.'],
  ['big5', 'koi8-r', 'Новости дня: большие данные, погода и спорт.'],
  ['shift_jis', 'windows-1253', 'Τα νέα της ημέρας: μεγάλα δεδομένα και ο καιρός.'],
])('letters of two bytes that mean nothing in %s are those of %s', (label, charset, text) => {
  const document = (own: string) => `<?xml version="1.0" encoding="${own}"?><rss>${text}</rss>`
  expect(decodeDocument(iconv.encode(document(label), charset), null).text).toBe(document(label))
  const said = decodeDocument(iconv.encode(document(charset), charset), `text/xml; charset=${label}`)
  expect(said.text).toBe(document(charset))
})

test('a few damaged bytes make no other charset of a document', () => {
  const bytes = iconv.encode(
    `<?xml version="1.0" encoding="gb2312"?><rss>${'大数据与人工智能的新闻。'.repeat(9)}</rss>`,
    'gb2312',
  )
  bytes[60] = 0xff
  expect(decodeDocument(bytes, null).charset).toMatch(/^gb/)
})

describe('what says most wins', () => {
  test.each([
    ['a byte order mark over every label', Buffer.from('\ufeff<a>é</a>'), 'text/xml; charset=gbk', '<a>é</a>'],
    ['a byte order mark of UTF-16', iconv.encode('<a>大</a>', 'utf-16be', { addBOM: true }), null, '<a>大</a>'],
    [
      'a byte order mark of UTF-16 before single bytes lies',
      Buffer.from('\xff\xfe<a>\xc3\xa9</a>', 'latin1'),
      null,
      '<a>é</a>',
    ],
    ['and so does the other one', Buffer.from('\xfe\xff{"a": "\xe9"}', 'latin1'), null, '{"a": "é"}'],
    ['the shape of UTF-16 over a label', iconv.encode('<a>大</a>', 'utf-16le'), 'text/xml; charset=utf-8', '<a>大</a>'],
    ['valid UTF-8 over a legacy label', Buffer.from('<a>大数据</a>'), 'text/xml; charset=iso-8859-1', '<a>大数据</a>'],
    [
      'HTTP over the declaration',
      iconv.encode('<?xml version="1.0" encoding="koi8-r"?><a>Данные</a>', 'windows-1251'),
      'text/xml; charset=windows-1251',
      '<?xml version="1.0" encoding="koi8-r"?><a>Данные</a>',
    ],
    ['an unknown label says nothing', Buffer.from('<a>é</a>'), 'text/xml; charset=klingon', '<a>é</a>'],
    ['a label from JavaScript says nothing', Buffer.from('<a>é</a>'), 'text/xml; charset=constructor', '<a>é</a>'],
    [
      'nor does one from its prototypes',
      iconv.encode('Café, à l’été', 'windows-1252'),
      'text/xml; charset=__proto__',
      'Café, à l’été',
    ],
    [
      'a UTF-16 label on ASCII bytes lies',
      Buffer.from('<?xml version="1.0" encoding="utf-16"?><a/>'),
      null,
      '<?xml version="1.0" encoding="utf-16"?><a/>',
    ],
  ])('%s', (_, bytes, contentType, text) => {
    expect(decodeDocument(bytes, contentType).text).toBe(text)
  })

  test.each([
    ['Chinese', ZH, 'gbk'],
    ['Japanese', JA, 'euc-jp'],
    ['Russian', RU, 'windows-1251'],
    ['Chinese of a few characters', '中文新闻标题测试', 'gbk'],
    ['Russian in capitals', 'НОВОСТИ РОССИИ', 'windows-1251'],
    ['Russian in capitals of KOI8', 'НОВОСТИ РОССИИ', 'koi8-r'],
    ['French', 'Une journée à la mer, où l’été est déjà passé. '.repeat(10), 'windows-1252'],
  ])('nothing is declared: %s is guessed', (_, text, charset) => {
    expect(decodeDocument(iconv.encode(text, charset), null).text).toBe(text)
  })

  test.each([
    ['zh-cn', '今日头条', 'gbk'],
    ['zh_TW', '繁體中文新聞標題', 'big5'],
    ['ja', '天気予報', 'shift_jis'],
    ['ja-JP', '天気予報', 'euc-jp'],
    ['ko', '공지사항', 'euc-kr'],
    ['ko', 'Privé', 'windows-1252'],
    ['en', 'Privé', 'windows-1252'],
  ])('a few characters are in a charset of the language that is said: %s, %s', (language, title, charset) => {
    const xml = `<rss><channel><language>${language}</language><item><title>${title}</title></item></channel></rss>`
    expect(decodeDocument(iconv.encode(xml, charset), null).text).toBe(xml)
    expect(decodeDocument(iconv.encode(xml, charset), 'text/xml; charset=utf-8').text).toBe(xml)
  })

  test('a label of UTF-8 on other bytes is not believed, a few broken bytes in UTF-8 are', () => {
    expect(decodeDocument(iconv.encode(ZH, 'gbk'), 'text/xml; charset=utf-8').text).toBe(ZH)
    expect(decodeDocument(Buffer.concat([Buffer.from(ZH), Buffer.from([0xff])]), 'text/xml; charset=utf-8').text).toBe(
      `${ZH}\ufffd`,
    )
  })
})

describe('a broken byte does not make all of it another charset', () => {
  test.each([
    ['nothing is declared', '', null],
    ['UTF-16 is declared', ' encoding="utf-16"', null],
    ['Latin 1 is declared', ' encoding="iso-8859-1"', null],
    ['HTTP says Latin 1', ' encoding="utf-8"', 'text/xml; charset=iso-8859-1'],
  ])('%s', (_, declaration, contentType) => {
    const xml = `<?xml version="1.0"${declaration}?><rss><title>ü “q” – é`
    const bytes = Buffer.concat([Buffer.from(xml), Buffer.from([0xe9]), Buffer.from('</title></rss>')])
    expect(decodeDocument(bytes, contentType).text).toBe(`${xml}\ufffd</title></rss>`)
  })
})

describe('a text of a few letters that is called Latin 1 is UTF-8 if that makes letters of them', () => {
  const latin1 = '<?xml version="1.0" encoding="iso-8859-1"?>'
  const half = Buffer.from('’').subarray(0, 2)
  const read = (...parts: (string | Buffer)[]) =>
    decodeDocument(Buffer.concat(parts.map((part) => Buffer.from(part))), null).text

  test('though some were cut in half', () => {
    expect(read(latin1, '<rss>It’s “here”, it', half, '...</rss>')).toBe(`${latin1}<rss>It’s “here”, it\ufffd...</rss>`)
    expect(read(latin1, '<rss>It’s, it', half, '...</rss>')).toContain('It’s')
  })

  test('though a word of Latin 1 stands beside them', () => {
    expect(read(latin1, '<rss>It’s a caf', Buffer.from([0xe9]), '.</rss>')).toContain('It’s a café.')
  })

  test.each(['Il dit : « allé\u00a0», été à\u00a0– Noël', 'Über „Ä“ und Öl, für Größe', 'CAFÉ’S, à la carte'])(
    'but it is Latin 1 all the same: %s',
    (text) => {
      const xml = `${latin1}<rss>${text}</rss>`
      expect(decodeDocument(iconv.encode(xml, 'windows-1252'), null)).toEqual({ text: xml, charset: 'windows-1252' })
    },
  )
})

test.each([
  ['windows-1257', 'Šiandien Vilniuje įvyko žinių konferencija apie didžiuosius duomenis'],
  ['iso-8859-10', 'Þetta eru fréttir dagsins, ðað'],
  ['cp850', 'Les nouvelles du jour, où l’été est déjà passé'],
])('HTTP says UTF-8, which it is not: then the document is believed: %s', (charset, written) => {
  const xml = `<?xml version="1.0" encoding="${charset}"?><rss>${written.replace('’', "'")}</rss>`
  expect(decodeDocument(iconv.encode(xml, charset), 'text/xml; charset=utf-8').text).toBe(xml)
})

test.each([
  ['csISO2022JP', '<rss>\u001b$B%G!<%?\u001b(B</rss>', '<rss>データ</rss>'],
  ['ujis', iconv.encode(JA, 'euc-jp').toString('latin1'), JA],
  ['Extended_UNIX_Code_Packed_Format_for_Japanese', iconv.encode(JA, 'euc-jp').toString('latin1'), JA],
  ['ks_x_1001', iconv.encode(KO, 'euc-kr').toString('latin1'), KO],
  ['iso_8859_5_1988', iconv.encode(RU, 'iso-8859-5').toString('latin1'), RU],
  ['euc-jis-2004', iconv.encode('日本語のニュース', 'euc-jp').toString('latin1'), '日本語のニュース'],
  ['euc-jisx0213', iconv.encode(JA, 'euc-jp').toString('latin1'), JA],
  ['sjis-2004', iconv.encode(JA, 'shift_jis').toString('latin1'), JA],
  ['iso2022_kr', '<rss>\u001b$)C\u000e0!3*\u000fx</rss>', '<rss>가나x</rss>'],
  ['iso-2022-jp-1', '<rss>\u001b$B%G!<%?\u001b(B</rss>', '<rss>データ</rss>'],
  ['hkscs', iconv.encode('大數據', 'big5').toString('latin1'), '大數據'],
  ['mac-latin2', iconv.encode('žluťoučký', 'maccenteuro').toString('latin1'), 'žluťoučký'],
  ['cyrillic-asian', iconv.encode('Қазақстан', 'pt154').toString('latin1'), 'Қазақстан'],
  ['utf_16', 'Caf\xe9', 'Café'],
  ['unicode', 'Caf\xe9', 'Café'],
  ['csPTCP154', iconv.encode('Қазақстан', 'pt154').toString('latin1'), 'Қазақстан'],
  ['eucgb2312-cn', iconv.encode('大数据', 'gb18030').toString('latin1'), '大数据'],
  ['gb18030-2000', iconv.encode('大数据', 'gb18030').toString('latin1'), '大数据'],
  ['x-mac-simp-chinese', iconv.encode('大数据', 'gb18030').toString('latin1'), '大数据'],
  ['x-mac-trad-chinese', iconv.encode('大數據', 'big5').toString('latin1'), '大數據'],
  ['x-mac-japanese', iconv.encode(JA, 'shift_jis').toString('latin1'), JA],
  ['x-mac-korean', iconv.encode(KO, 'euc-kr').toString('latin1'), KO],
  ['jisx0213', iconv.encode(`${JA}Привет мир`, 'euc-jp').toString('latin1'), `${JA}Привет мир`],
  ['iso-ir-166', iconv.encode('ข่าว', 'windows-874').toString('latin1'), 'ข่าว'],
  ['cp1051', iconv.encode('café naïve', 'hproman8').toString('latin1'), 'café naïve'],
  ['u7', '<rss>+ZeVnLIqe-</rss>', '<rss>日本語</rss>'],
  ['iso-8859-16-2001', iconv.encode('Ștefan și țara', 'iso-8859-16').toString('latin1'), 'Ștefan și țara'],
  ['iso-8859-8-1988', iconv.encode('שלום', 'iso-8859-8').toString('latin1'), 'שלום'],
  ['strk1048-2002', iconv.encode('Қазақстан', 'rk1048').toString('latin1'), 'Қазақстан'],
  ['tis-620-2529-0', iconv.encode('ข่าว', 'windows-874').toString('latin1'), 'ข่าว'],
  ['8859', 'caf\xe9', 'café'],
  ['x-windows-949', iconv.encode(KO, 'euc-kr').toString('latin1'), KO],
  ['Big5-ETEN', iconv.encode('大數據', 'big5').toString('latin1'), '大數據'],
  ['x-mac-ce', iconv.encode('žluťoučký', 'maccenteuro').toString('latin1'), 'žluťoučký'],
  ['ms950', iconv.encode('大數據', 'big5').toString('latin1'), '大數據'],
  ['macCyrillic', '\xa2\xb6', 'Ґґ'],
  ['macintosh', '\xbd\xdb', '\u03a9€'],
  ['KZ1048', iconv.encode('Қазақстан жаңалықтары', 'rk1048').toString('latin1'), 'Қазақстан жаңалықтары'],
])('another name of a charset: %s', (label, bytes, text) => {
  expect(decodeDocument(Buffer.from(bytes, 'latin1'), `text/xml; charset=${label}`).text).toBe(text)
})

describe('a charset that nobody declares, or that is declared wrongly, is known by its letters', () => {
  test.each([
    ['windows-1251', RU],
    ['koi8-r', RU],
    ['iso-8859-5', RU],
    ['windows-1251', 'ДЕНЬ ПОБЕДЫ: ПАРАД В МОСКВЕ'],
    ['koi8-r', 'ДЕНЬ ПОБЕДЫ: ПАРАД В МОСКВЕ'],
    ['windows-1253', 'ΝΕΑ ΤΗΣ ΠΟΛΗΣ'],
    ['windows-1253', 'Καλημέρα κόσμε, τα νέα της ημέρας από την Αθήνα'],
    ['windows-1255', 'שלום עולם, חדשות היום מירושלים'],
    ['windows-1256', 'مرحبا بالعالم، أخبار اليوم من القاهرة'],
    ['iso-8859-6', 'مرحبا بالعالم، أخبار اليوم من القاهرة'],
    ['windows-874', 'ข่าววันนี้มีมากมายจากกรุงเทพ'],
    ['windows-1252', 'Ù, Ç, É: à, è, ù ou ç?'],
    ['windows-1252', 'SÃO JOÃO: AÇÃO, NAÇÃO, ELEIÇÃO'],
    ['windows-1252', 'Å, Ä och Ö: åö, ää, öå'],
    ['windows-1252', 'Le café naïf — “déjà vu” à Besançon, 5 €'],
    ['iso-8859-15', 'Le cœur naïf à 5 € près de Besançon'],
    ['windows-1250', 'Příliš žluťoučký kůň úpěl ďábelské ódy'],
    ['iso-8859-2', 'Zażółć gęślą jaźń, powiedział wczoraj premier'],
    ['windows-1254', 'İstanbul şehri çok güzel, bugün hava güneşli değil'],
    ['iso-8859-2', 'Vláda schválila další návrh, který začne platit příští týden'],
    ['windows-1250', 'A kormány őszi időszakra új, erős költségvetést fogadott el'],
    ['iso-8859-2', 'Űrhajó és gőzmozdony: két könyv a múzeumból'],
    ['windows-1252', 'Ríkisstjórnin samþykkti frumvarpið í gær, það þótti ágætt'],
    ['windows-1254', 'Işık hızı'],
    ['windows-1252', '½ price, 5 m²'],
    ['iso-8859-15', 'un cœur'],
    ['windows-1257', 'Vyriausybė priėmė naują įstatymą dėl mokesčių'],
    ['windows-1257', 'Valdība pieņēma jaunu likumu par nodokļiem'],
    ['windows-1252', 'Gästebuch: señor Müller, à bientôt, mañana é'],
    ['gbk', ZH],
    ['big5', '今天的新聞很多，中國經濟發展，大數據與人工智慧'.repeat(5)],
    ['shift_jis', JA],
    ['shift_jis', '台風に関する情報とお知らせ、台風に関する情報'],
    ['euc-jp', JA],
    ['euc-kr', KO],
  ])('%s', (charset, text) => {
    const document = (declaration: string) =>
      `<?xml version="1.0"${declaration}?><rss><channel><title>${text}</title><link>https://a.test/</link></channel></rss>`
    for (const declaration of ['', ' encoding="utf-8"']) {
      const xml = document(declaration)
      expect(decodeDocument(iconv.encode(xml, charset), null).text).toBe(xml)
    }
  })
})

test.each(['é', 'été', 'ñ', 'éà'])('in a document of a few letters, nothing declared, %s is Latin 1', (text) => {
  const bytes = Buffer.from(`<rss version="2.0"><channel><item><title>${text}</title></item></channel></rss>`, 'latin1')

  expect(decodeDocument(bytes, null).text).toContain(`<title>${text}</title>`)
})

test.each([
  ['alone', '', ''],
  ['beside UTF-8', '“Grüße” ', ' für alle'],
])('a character that was encoded in two halves (CESU-8) is one: %s', (_, before, behind) => {
  const halves = Buffer.from('\xed\xa0\xbd\xed\xb8\x80 \xed\xa1\x82\xed\xbe\xb7', 'latin1')
  const bytes = Buffer.concat([Buffer.from(`<rss>${before}`), halves, Buffer.from(`${behind}</rss>`)])

  for (const contentType of [null, 'text/xml; charset=utf-8']) {
    const { text, charset } = decodeDocument(bytes, contentType)
    expect([text, charset]).toEqual([`<rss>${before}😀 𠮷${behind}</rss>`, 'utf-8'])
  }
})

describe('bytes of windows-1252 in a document that is UTF-8', () => {
  test.each([
    ['a letter in a word, and at its end', 'Caf\xe9s du March\xe9', 'Cafés du Marché'],
    ['quotes and a dash', 'say \x93yes\x94 \x96 now', 'say “yes” – now'],
    ['a capital that is half a letter of UTF-8', 'S\xc3O PAULO', 'SÃO PAULO'],
    ['a letter that was cut in half stays broken', 'a caf\xc3\x85 a caf\xc3...', 'a cafÅ a caf\ufffd...'],
    ['so does a byte among letters of another script', '\xd0\x94\xd0\x94\xd0 \xd0\x94', 'ДД\ufffd Д'],
    ['two letters in a row', 'Gr\xf6\xdfe', 'Größe'],
    ['half of a character is no letters', 'a \xe4\xb8 b', 'a \ufffd b'],
    ['and a byte that begins no word anywhere', 'a\xff b', 'a\ufffd b'],
  ])('%s', (_, bytes, text) => {
    const xml = Buffer.from('<?xml version="1.0" encoding="utf-8"?><rss>“Überall” größere Äpfel', 'utf8')
    const { text: read } = decodeDocument(Buffer.concat([xml, Buffer.from(bytes, 'latin1')]), null)
    expect(read).toBe(xml.toString() + text)
  })
})

describe('what stands before a document and is none of its charset', () => {
  const latin = '<?xml version="1.0" encoding="iso-8859-1"?><rss>Café à la carte</rss>'
  test.each([
    ['a mark of UTF-8 before Latin 1', '\xef\xbb\xbf', Buffer.from(latin, 'latin1'), latin],
    ['a mark of UTF-8 before UTF-16', '\xef\xbb\xbf', iconv.encode('<rss>大é</rss>', 'utf-16le'), '<rss>大é</rss>'],
    ['three zero bytes, which look like UTF-32', '\0\0\0', Buffer.from('<rss>é</rss>'), '<rss>é</rss>'],
    ['an empty line and zero bytes', '\n\0\0\0\0', Buffer.from('<rss>é</rss>'), '<rss>é</rss>'],
    ['what a program says in JSON', '{"a":1}', iconv.encode(`<rss>${RU}</rss>`, 'koi8-r'), `{"a":1}<rss>${RU}</rss>`],
  ])('%s', (_, before, document, text) => {
    expect(decodeDocument(Buffer.concat([Buffer.from(before, 'latin1'), document]), null).text).toBe(text)
  })
})

describe('a document that is UTF-8, and a few of its words are not', () => {
  const words = 'Good morning, here is the news of the day from all over the world. '.repeat(4)
  const document = (title: Buffer, rest: string) =>
    Buffer.concat([
      Buffer.from(`<rss><channel><a>${words}</a><title>`),
      title,
      Buffer.from(`</title>${rest}</channel></rss>`),
    ])
  test.each([
    [
      'a sentence of Latin 1',
      Buffer.from('\xe9v\xe9nements \xe0 Z\xfcrich, c\xf4t\xe9 \xe9t\xe9', 'latin1'),
      'Prof. Müller',
    ],
    ['GBK', iconv.encode('新闻中心', 'gbk'), 'It’s here'],
    ['halves of characters', Buffer.from('\xf0\x9f\x98 \xe2\x80 \xc3', 'latin1'), 'für'],
    ['a pair of surrogates', Buffer.from('\xed\xa0\xbd\xed\xb8\x80', 'latin1'), 'Good 🎉'],
    ['anything', Buffer.from(Array.from({ length: 60 }, (_, index) => 0x80 + ((index * 37) % 128))), 'Kodāri – Ōsaka'],
    [
      'Latin 1, far behind the first letters',
      Buffer.from(`${'<p>text</p>'.repeat(10_000)}\xe9\xe8`, 'latin1'),
      '日本語',
    ],
  ])('%s', (_, title, text) => {
    for (const contentType of [null, 'text/xml; charset=utf-8'])
      expect(decodeDocument(document(title, text), contentType).text).toContain(`</title>${text}</channel>`)
  })

  test('what stands around it tells nothing', () => {
    const junk = Buffer.from(Array.from({ length: 500 }, (_, index) => 0x80 + ((index * 37) % 128)))
    for (const text of ['<rss>Kodāri</rss>', '{"title":"Kodāri <b>x</b>"}'])
      expect(decodeDocument(Buffer.concat([junk, Buffer.from(text), junk]), null).text).toContain(text)
  })
})

describe('a word of UTF-8 does not make a document of legacy letters UTF-8', () => {
  test.each([
    ['windows-1250', 'Zażółć gęślą jaźń, powiedział wczoraj premier'],
    ['iso-8859-2', 'Příliš žluťoučký kůň úpěl ďábelské ódy'],
    ['windows-1254', 'İstanbul şehri çok güzel, bugün hava güneşli değil'],
    ['windows-1251', RU],
    ['gbk', ZH],
  ])('%s', (charset, text) => {
    const xml = `<rss><channel>${`<item>${text}</item>`.repeat(10)}`
    const bytes = Buffer.concat([iconv.encode(xml, charset), Buffer.from('<item>Müller</item></channel></rss>')])
    expect(decodeDocument(bytes, 'text/xml; charset=utf-8').text).toContain(xml)
  })

  test.each([
    ['windows-1252', 'AMANHÃ… EM SÃO PAULO, não há avião'],
    ['windows-1250', 'CÂŞTIGĂTORUL GĂŞTII, ştirile zilei în Bucureşti şi ţară'],
  ])('nor do words in capitals that look like it: %s', (charset, text) => {
    const xml = `<rss><channel><title>${text}</title></channel></rss>`
    expect(decodeDocument(iconv.encode(xml, charset), null).text).toBe(xml)
  })
})

test.each(['windows-1251', 'koi8-r'])('letters in CDATA sections tell their charset, too: %s', (charset) => {
  const xml = `<rss><channel><title><![CDATA[${RU}]]></title></channel></rss>`
  expect(decodeDocument(iconv.encode(xml, charset), null).text).toBe(xml)
})

test('a document that calls itself ASCII and is not is known by its letters', () => {
  const xml = `<?xml version="1.0" encoding="us-ascii"?><rss>${RU}</rss>`

  expect(decodeDocument(iconv.encode(xml, 'windows-1251'), null).text).toBe(xml)
})

test('UTF-8 of any length is read to the letter', () => {
  for (const sign of ['é', '’', '字', '😀']) {
    for (const text of [sign, `<rss>${sign.repeat(1_000)}</rss>`, `<rss>${'a'.repeat(600_000)}${sign}</rss>`]) {
      expect(decodeDocument(Buffer.from(`\ufeff\ufeff${text}`), null)).toEqual({ text, charset: 'utf-8' })
    }
  }
})
