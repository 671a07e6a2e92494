/** 1 to 12, by a month's name in any usual language, whole or short; undefined for any other word. */
export function monthOf(name: string): number | undefined {
  const known = MONTHS.get(name.toLowerCase())
  if (known !== undefined) return known
  return MONTHS.get(withoutMarks(name.toLowerCase()))
}

function withoutMarks(text: string): string {
  // India's vowels are marks of their own script: of Nepali's June they make no January.
  return text.normalize('NFD').replace(/\p{Script=Inherited}/gu, '')
}

/** Beginnings and whole names, without accents, of the languages whose tools localize what must be English. */
const MONTHS = new Map<string, number>()
const MONTH_NAMES = [
  'jan january janvier janv januar januari jaenner janner enero ene gennaio gen janeiro sty stycznia янв января січ січня ιαν ιανουαριου ledna leden ocak led ianuarie ian gener tammikuu oca يناير',
  'feb february fevrier fevr fev februar februari febrero febbraio fevereiro lut lutego фев февраля лют лютого φεβ φεβρουαριου unora unor subat uno helmikuu лютий febr sub فبراير',
  'mar march mars mrz marz maerz maart mrt marzo marco marca мар марта бер березня μαρ μαρτιου μαω marcius brezna brezen mart bre marc maaliskuu مارس',
  'apr april avril avr abril abr aprile kwi kwietnia апр апреля кві квітня απρ απριλιου aprilis dubna duben nisan huhtikuu nis ابريل',
  'may mai mei mayo maggio mag maio maj maja мая май тра травня μαι μαη μαιου majus kvetna kveten mayis kve maujus toukokuu مايو',
  'jun june juin juni junio giugno giu junho cze czerwca июн июня чер червня ιουν ιουνιου junius cervna cerven haziran cvn iun haz ιον kesakuu يونيو',
  'jul july juillet juil juli julio luglio lug julho lip lipca июл июля лип липня ιουλ ιουλιου julius cervence cervenec temmuz cvc iul tem ιολ heinakuu يوليو',
  'aug august aout augustus agosto ago sie sierpnia авг августа сер серпня αυγ αυγουστου augusztus srpna srpen agustos srp elokuu aou agu اغسطس',
  'sep sept september septembre septiembre settembre set setembro wrz wrzesnia сен сентября вер вересня σεπ σεπτ σεπτεμβριου szeptember zari eylul zar eyl szept syyskuu سبتمبر',
  'oct october octobre okt oktober octubre ottobre ott outubro out paz pazdziernika окт октября жов жовтня οκτ οκτωβριου rijna rijen ekim rij eki lokakuu اكتوبر',
  'nov november novembre noviembre novembro lis listopada ноя ноября листопада νοε νοεμ νοεμβριου listopadu kasim kasım kas noi лис marraskuu نوفمبر',
  'dec december decembre dez dezember desember diciembre dic dicembre dezembro gru grudnia дек декабря гру грудня δεκ δεκεμβριου prosince prosinec aralik aralık pro ara des joulukuu ديسمبر',
]
/** Likewise, of languages whose tools seldom do it: Bulgarian to Persian. */
const MORE_NAMES = [
  'януари јануар јан јануари sijecanj sijecnja sij januara sausis sausio janvaris jaanuar jaan tammikuuta tammi janar ינואר בינואר ינו בינו ژانویه январь січень',
  'февруари фебруар феб veljaca veljace velj februara februarie vasaris vasario februaris veebruar veebr helmikuuta helmi shkurt shk febrer פברואר בפברואר פבר בפבר فوریه февр февраль лютии februari',
  'март ozujak ozujka ozu marec martie kovas kovo marts maaliskuuta maalis maret מרץ במרץ март березень берез',
  'април travanj travnja tra aprila aprilie balandis balandzio aprill huhtikuuta huhti prill pri אפריל באפריל אפר באפר اوریل апрель квіт квітень',
  'мај svibanj svibnja svi geguze geguzes maijs toukokuuta touko maig מאי במאי маи трав травень mayıs',
  'юни јун јуни lipanj lipnja junij juna iunie birzelis birzelio junijs juuni kesakuuta kesa qershor qer juny יוני ביוני ژوين июнь черв червень',
  'юли јул јули srpanj srpnja julij jula iulie liepa liepos julijs juuli heinakuuta heina korrik korr juliol julai יולי ביולי ژويیه июль липень',
  'август kolovoz kolovoza kol avgust avg augusta rugpjutis rugpjucio augusts elokuuta elo agust gusht gush agost agustus ogos ogo אוגוסט באוגוסט אוג באוג اوت август серп серпень augusti',
  'септември септембар сеп rujan rujna ruj septembra septembrie rugsejis rugsejo septembris syyskuuta syys shtator sht setembre ספטמבר בספטמבר ספט בספט سپتامبر сент сентябрь верес вересень',
  'октомври октобар oktobra octombrie spalis spalio oktobris oktoober lokakuuta loka tetor tet אוקטובר באוקטובר אוק באוק اکتبر октябрь жовт жовтень',
  'ноември новембар нов ное studeni studenoga stu novembra noiembrie lapkritis lapkricio novembris marraskuuta marras nentor nen נובמבר בנובמבר נוב בנוב نوامبر listopad нояб ноябрь лист листоп',
  'декември децембар дец prosinac prosinca decembra decembrie gruodis gruodzio decembris detsember dets joulukuuta joulu dhjetor dhj desembre disember dis דצמבר בדצמבר דצמ בדצמ دسامبر декабрь груд грудень',
]
/** Likewise, of others: Serbian in Latin letters, Galician, Welsh, Belarusian, Azeri, Uzbek, Afrikaans, Swahili, Filipino, Urdu, Hindi, Marathi and Thai. */
const RARE_NAMES = [
  'xaneiro xan ionawr ion студзень студзеня сту yanvar yan januarie جنوری जनवरी जन जानेवारी มกราคม มค',
  'febreiro chwefror chwef chwe лютага лют fevral februarie pebrero peb فروری फ़रवरी फरवरी फ़र फर फेब्रुवारी กุมภาพันธ์ กพ',
  'mawrth maw сакавік сакавіка сак mart machi marso مارچ मार्च มีนาคม มีค',
  'ebrill ebr красавік красавіка кра aprel aprili اپریل अप्रैल एप्रिल เมษายน เมย',
  'травеня مئی मई मे พฤษภาคม พค',
  'xuno xun mehefin meh чэрвень чэрвеня чэр iyun iyn junie hunyo hun جون जून มิถุนายน มิย',
  'juill xullo xul gorffennaf gorff gor ліпень ліпеня ліп iyul iyl julie hulyo hul جولائی जुलाई जुलै जुल กรกฎาคม กค',
  'awst жнівень жніўня жні avqust avq agosti اگست अगस्त अग ऑगस्ट สิงหาคม สค',
  'medi верасень верасня septembar sentyabr sentabr sen septemba setyembre ستمبر सितंबर सितम्बर सित सप्टेंबर กันยายน กย',
  'hydref hyd кастрычнік кастрычніка кас oktyabr oktabr oktobar oktoba oktubre اکتوبر अक्टूबर अक्तूबर अक्टू ऑक्टोबर ตุลาคม ตค',
  'tachwedd tach лістапад лістапада ліс novembar noyabr noy novemba nobyembre nob نومبر नवंबर नवम्बर नव नोव्हेंबर พฤศจิกายน พย',
  'decembro rhagfyr rhag снежань снежня сне decembar dekabr dek desemba disyembre dis دسمبر दिसंबर दिसम्बर दिस डिसेंबर ธันวาคม ธค',
]
/** Likewise, of scripts of one language each: Bengali to Malayalam, Georgian, Armenian; Marathi's short ones, Nepali, Kazakh; a few that were missing; those of Iran's years. */
const OTHER_SCRIPTS = [
  'জানুয়ারি জানু જાન્યુઆરી જાન્યુ ਜਨਵਰੀ ਜਨ ஜனவரி ஜன జనవరి జన ಜನವರಿ ಜನ ജനുവരി ജനു იანვარი იან հունվար հունվարի հնվ қаңтар қаң जाने فروردین',
  'ফেব্রুয়ারি ফেব ફેબ્રુઆરી ફેબ્રુ ਫ਼ਰਵਰੀ ਫ਼ਰ பிப்ரவரி பிப் ఫిబ్రవరి ఫిబ్ర ಫೆಬ್ರವರಿ ಫೆಬ್ರ ഫെബ്രുവരി ഫെബ്രു फेब्रु फेब्रुअरी თებერვალი თებ փետրվար փետրվարի փտվ ақпан ақп اردیبهشت',
  'মার্চ માર્ચ ਮਾਰਚ மார்ச் மார் మార్చి ಮಾರ್ಚ್ മാർച്ച് മാർ მარტი მარ մարտ մարտի մրտ наурыз нау mac خرداد',
  'এপ্রিল এপ্রি એપ્રિલ ਅਪ੍ਰੈਲ ਅਪ੍ਰੈ ஏப்ரல் ஏப் ఏప్రిల్ ఏప్రి ಏಪ್ರಿಲ್ ಏಪ್ರಿ ഏപ്രിൽ ഏപ്രി एप्रि აპრილი აპრ ապրիլ ապրիլի ապր сәуір сәу dub अप्रिल تیر',
  'মে મે ਮਈ மே మే ಮೇ മേയ് მაისი მაი մայիս մայիսի մյս мамыр мам مرداد',
  'জুন જૂન ਜੂਨ ஜூன் జూన్ ಜೂನ್ ജൂൺ जुन ივნისი ივნ հունիս հունիսի հնս маусым мау شهریور',
  'জুলাই জুল જુલાઈ ਜੁਲਾਈ ਜੁਲਾ ஜூலை జులై ಜುಲೈ ജൂലൈ ივლისი ივლ հուլիս հուլիսի հլս шілде шіл مهر',
  'আগস্ট আগ ઑગસ્ટ ਅਗਸਤ ਅਗ ஆகஸ்ட் ஆக ఆగస్టు ఆగ ಆಗಸ್ಟ್ ಆಗ ഓഗസ്റ്റ് ഓഗ ऑग अगस्ट აგვისტო აგვ օգոստոս օգոստոսի օգս тамыз там ag آبان',
  'সেপ্টেম্বর সেপ্ট সেপ સપ્ટેમ્બર સપ્ટે ਸਤੰਬਰ ਸਤੰ செப்டம்பர் செப் సెప్టెంబర్ సెప్టెం ಸೆಪ್ಟೆಂಬರ್ ಸೆಪ್ಟೆಂ സെപ്റ്റംബർ സെപ്റ്റം सप्टें सेप्टेम्बर სექტემბერი სექ սեպտեմբեր սեպտեմբերի սեպ қыркүйек қыр آذر',
  'অক্টোবর অক্টো ઑક્ટોબર ઑક્ટો ਅਕਤੂਬਰ ਅਕਤੂ அக்டோபர் அக் అక్టోబర్ అక్టో ಅಕ್ಟೋಬರ್ ಅಕ್ಟೋ ഒക്ടോബർ ഒക്ടോ ऑक्टो ოქტომბერი ოქტ հոկտեմբեր հոկտեմբերի հոկ қазан қаз अक्टोबर دی',
  'নভেম্বর নভে નવેમ્બર નવે ਨਵੰਬਰ ਨਵੰ நவம்பர் நவ నవంబర్ నవం ನವೆಂಬರ್ ನವೆಂ നവംബർ നവം नोव्हें नोभेम्बर ნოემბერი ნოე նոյեմբեր նոյեմբերի նոյ қараша қар بهمن',
  'ডিসেম্বর ডিসে ડિસેમ્બર ડિસે ਦਸੰਬਰ ਦਸੰ டிசம்பர் டிச డిసెంబర్ డిసెం ಡಿಸೆಂಬರ್ ಡಿಸೆಂ ഡിസംബർ ഡിസം डिसें डिसेम्बर დეკემბერი დეკ դեկտեմբեր դեկտեմբերի դեկ желтоқсан жел اسفند',
]
const NUMERALS = ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十', '十一', '十二']
for (const [index, written] of MONTH_NAMES.entries()) {
  const names = `${written} ${MORE_NAMES[index]} ${RARE_NAMES[index]} ${OTHER_SCRIPTS[index]} ${index + 1}月 ${NUMERALS[index]}月 ${index + 1}월`
  for (const name of `${names} ${withoutMarks(names)}`.split(' ')) {
    if (!MONTHS.has(name)) MONTHS.set(name, index + 1)
  }
}
