/** Words of the news, by what they say of an item: hardly anything, little, or the same as others. Data only. */

/** Small words, and what agencies write around the news. */
export const STOP_WORDS = `a about above according after again against ago ahead all almost along already also although always
am among amid an and another any are around as asked at away back be became because become been before began behind being
between both but by came can could day days did do does doing done down due during each early either else end even ever every
few first following for former found from further gave get gets getting give given go goes going good got had half has have
having he her here hers him his how however i if in including into is it its itself just keep kept know known largely last
late later least less let like likely little long look made mainly make makes making many may me might month months more
morning most much must my near nearly need never new next night no nor not now of off often old on once one only or other
others our out over own part people per put rather recent recently right said same saw say saying says second see seen set
several she should show showed since so some soon still such take taken takes than that the their them then there these they
thing things third this those though through time to today told tomorrow too took toward towards under until up
upon us use used very was way we week weeks well went were what when where whether which while who whom whose why will with
within without would year years yesterday yet you your spokesman spokeswoman spokesperson statement added announced reported
report reports monday tuesday wednesday thursday friday saturday sunday amp
breaking exclusive update live reuters afp bloomberg dpa 快讯 突发 最新 直播 视频 组图`

/** What much of the news has: it is less of a sign. Names and what is particular weigh more. */
export const COMMON_WORDS = `able access accord account accuse act action add address administration affect agency agree agreement aid aim air
airport allow amount analyst annual answer app appeal appear apply approve april area argue arm army arrest arrive
article artist ask asset association attack attempt attend attorney august author authority available average avoid
award bad balance ban bank bar base battle beach bear beat beginning believe benefit best better bid big bill
billion bird black block blood blue board boat body bond book boost border born boss boy break bridge bring
broadcast brother budget build building bus business buy buyer call camera camp campaign candidate capital captain
car card care career carry case cash cast cause cell cent center central century chair chairman challenge champion
chance change charge chief child children choice church citizen city civil claim class clean clear client climate
close club coach coal coalition coast code cold collect college come commission committee common community company
compare compete competition complete computer concern condition conference confirm conflict congress consider
construction consumer contact contain continue contract control corporate corruption cost council country couple
court cover create crew crime crisis critic crowd current customer cut damage danger data date daughter deal death
debate debt december decide decision decline defeat defence defense deficit delay deliver demand democracy
department design despite detail develop development device die difference different difficult director disease
district doctor dollar door double draw drive driver drop drug east economic economy edition education effect effort
elect election electric emergency employ employee employer energy engine engineer enjoy enter entry environment
equipment estimate euro event evidence exchange executive expand expect experience expert explain export express
extra eye face fact factory fail fall family fan farm farmer father fear february federal feel fell field fight
figure file film final finance financial find fine finish fire firm fish fit five flight flood floor fly focus
follow food football force foreign forest form forward founder free friend front fuel full fund future gain game gas
general girl global goal gold government governor grand grant great green group grow growth guard guest guide gun
hand happen hard head health hear heart heat heavy help high hit hold holiday home hope hospital host hotel hour
house household housing hundred husband ice idea illegal image impact import important improve include income
increase independent index industry inflation information injure injury inquiry inside insist institute insurance
interest international internet interview invest investigate investigation investment investor invite island issue
item january job join joint journalist judge july june jury justice key kid kill kind king labor labour land
language large launch law lawmaker lawyer lay lead leader league learn leave legal letter level library life lift
light limit line link list live load loan local lose loss lot love low main majority man manage management manager
march mark market married match material matter mayor mean measure media medical medicine meet meeting member memory
men message metal meter metre mile military million mind mine minister ministry minority minute miss mission model
modern money monitor monthly mother motor mountain move movement murder museum music nation national natural nature
network news newspaper nine north northern note november nuclear number nurse object october offer office officer
official oil online open operate operation operator opinion opportunity oppose opposition option order organisation
organization original outside owner page pain paper parent park parliament partner party pass passenger past patient
pay payment peace pension percent perform period permit person personal phone photo pick picture pilot place plan
plane planet plant play player point police policy political politician politics pool poor popular population port
position positive possible post pound power practice prepare presence present president press pressure prevent price
primary prime prison private prize problem process produce producer product production professor profit program
programme progress project promise property proposal propose prosecutor protect protest prove provide province
public publish pull purchase push quality quarter question quick race radio rail rain raise range rate reach read
ready real reason receive record recover red reduce reform region regional regulator reject relation release relief
remain remove rent repair repeat replace reporter represent republic require rescue research researcher resident
resign resource response responsible rest restaurant result retail retire return revenue review rich ring rise risk
river road rock role room round route rule run rural safe safety sale sanction save scheme school science scientist
score screen sea search season seat secretary sector security seek sell senate send senior sentence separate
september series serious serve service session settle share shareholder ship shop short shot shut side sign signal
similar single sister site situation size skill small social society software soldier son sound source south
southern space speak special speech speed spend sport spread spring staff stage stand standard star start state
station stay step stock stop store storm story strategy street strength stress strike strong student study style
subject success suffer suggest summer summit supply support supreme surge surprise survey suspect suspend system
table talk target task tax teach teacher team technology television temperature tension term territory terror test
text thank theater theatre thousand threat ticket title tonight top total tour tourist town trade traffic train
training transfer transport travel treat treatment trial trip troop trouble truck true trust try turn tv type union
unit university update urban urge user vaccine value vehicle version victim victory video view village violence
visit visitor volume vote voter wage wait walk wall want war warn warning watch water wave weak weapon wear weather
web website weekend weight west western white wide wife wild win wind window winner winter wish woman women word
work worker world worry worth write wrong young`

/** What anybody writes, of the news or not: it says a little less than names and the words of a trade. */
export const GENERAL_WORDS = `abandon abroad absence absolute abuse academic accelerate accept accident accommodate accompany accomplish accurate
achieve acknowledge acquire active activist activity actor actual adapt additional adequate adjust admire admit
adopt adult advance advantage adventure advice advise adviser advocate afford afraid aftermath afternoon aggressive
alarm album alcohol alert alike alive allegation allege alliance ally alone alongside alter alternative amazing
ambition ambitious ambulance amend analyse analysis ancient anger angle angry animal anniversary announce annually
anticipate anxiety anxious apart apartment apologise apparent appearance appetite apple appoint appreciate approach
appropriate architect architecture arrange arrangement arrival arrow arson artificial ashes aspect assault assemble
assembly assess assessment asset assign assist assistance assistant assume assure athlete atmosphere attach attack
attitude attract attractive auction audience audio auditor aunt auto automatic avenue awake award aware awful
awkward baby background backing bag bail bake balloon ballot band bare bargain barrel barrier base basement basic
basis basket bath battery beach bean beast beautiful beauty bedroom beef beer beg behave behaviour belief bell
belong belt bend beneath beneficial bet betray beyond bike bind bird birth birthday bite bitter blame blanket blast
blaze bless blind block blog blow bomb bone bonus boom boot borrow bother bottle bottom bounce boundary bowl box
brain brake branch brand brave breach bread breakdown breakfast breast breath breathe breed breeze brick bride brief
bright brilliant brown brush brutal bubble bucket bullet bunch burden bureau burn burst bury bush butter button
cabin cabinet cable cage cake calculate calm cancel candle cap capable capacity capture carbon careful carpet
carrier cartoon casual casualty cat catastrophe catch category cattle cautious cave ceiling celebrate celebration
celebrity ceremony certain certificate chain chamber champagne channel chaos chapter character characteristic charge
charity charm chart chase chat cheap check cheer cheese chemical chest chicken chip chocolate choose chronic
cigarette cinema circle circuit circumstance cite civilian clash classic classroom clerk clever cliff climb clinic
clinical clock cloth clothes clothing cloud clue cluster coat coffee coin collapse colleague collection college
collision colour column comedy comfort comfortable command commander comment commerce commercial commit commitment
communicate communication commuter companion comparable comparison compensate compensation competitive competitor
complain complaint complex complicated component comprehensive compromise concentrate concept concert conclude
conclusion concrete condemn conduct confess confidence confident confront confuse confusion connect connection
conscious conservation conservative considerable consist consistent constant constitution construct consult
consultant container contemporary content contest context contract contractor contrast contribute contribution
controversial controversy convention conversation convert convict convince cook cookie cool cooperate cooperation
cope copper copy core corn corner correct correspond costume cottage cotton counsel counter counterpart courage cow
coward crack craft crane crash crazy create creative creature credit crisis crop cross crown crucial cruel cruise
cry crystal cultural culture cup cure curious currency curtain curve custom cyber cycle cyclist dad dairy damp dance
dangerous dare dark dash dawn deadline deadly dealer dear decade decent deck declare decorate dedicate deep deer
defend defender define definite degree delegate delegation delicate delight deliver delivery demonstrate
demonstration deny depart departure depend dependent deploy deposit depress depth deputy derive descend describe
description desert deserve desire desk desperate destination destroy destruction detain detect detective determine
devastate device devil devote diet differ digital dignity dinner diplomacy diplomat diplomatic direct direction dirt
dirty disability disagree disappear disappoint disaster discipline discount discover discovery discuss discussion
dish dismiss display dispute disrupt disruption distance distant distinct distinguish distribute distribution
disturb dive diverse divide division divorce document documentary dog domestic dominate donate donation donor double
doubt downtown dozen draft drag drama dramatic dream dress drift drill drink drone drought drown dry due dump dust
duty dynamic eager ear earn earthquake ease eastern easy eat echo economist edge edit editor educate efficient egg
elder elderly elegant element elephant eliminate elsewhere embassy embrace emerge emission emotion emotional
emphasis empire empty enable encounter encourage enemy engage enormous enough ensure enterprise entertain
entertainment enthusiasm entire entitle entrance envelope episode equal equality equip equity era error escape
essential establish estate ethnic evacuate evaluate evening eventual evident evil evolution evolve exact exam
examination examine example exceed excellent except exception excess excite excitement exclude excuse execute
exercise exhaust exhibit exhibition exist existence exit exotic expansion expectation expedition expense expensive
experiment expire exploit explore explosion explosive expose exposure extend extension extensive extent external
extraordinary extreme fabric facility factor fade faint fair faith fake fame familiar famous fan fantastic fantasy
fare fascinate fashion fast fat fatal fate fault favour favourite feature feed fellow female fence festival fever
fiction fierce fighter filter finger firefighter fit fix flag flame flash flat flavour flee fleet flesh flexible
float flow flower fold folk fool forecast forever forget forgive fork formal formation formula fort fortune forum
forward fossil found foundation fraction fragile frame framework fraud free freedom freeze frequent fresh frighten
fruit frustrate fulfil fun function fundamental funeral funny furniture furthermore galaxy gallery gap garage garden
garlic gate gather gaze gear gender gene generate generation generous genetic gentle gentleman genuine gesture ghost
giant gift glad glance glass globe glory glove god golden golf grab grace grade gradual graduate grain grandfather
grandmother grass grateful grave gravity grocery gross grow guarantee guess guilt guilty guitar gulf habit hair half
hall halt hammer handle hang happy harbour hardware harm harsh harvest hat hate haul headline headquarters healthy
heaven heavily height helicopter hell hesitate hidden hide highlight highway hike hill hint hire historian historic
historical history hobby hole hollow holy honest honour hook horizon horn horrible horror horse host hostage hostile
human humanitarian humanity humour hunger hungry hunt hunter hurricane hurry hurt ideal identify identity ill
illness illustrate image imagination imagine immediate immense immigrant immigration immune impose impossible
impress impression impressive inch incident incline incorporate incredible indicate indication indigenous individual
infant infect infection inflict influence initial initiative inn inner innocent innovation input inquire insect
insert insight inspect inspection inspector inspire install installation instance instant instead instinct
institution institutional instruct instruction instructor instrument insure insurer integrate integrity intelligence
intelligent intend intense intensity intention interior internal interpret interrupt interval intervene intervention
introduce introduction invade invasion invent invention inventory invisible involve iron isolate jacket jail jam jet
jewel jewellery joke journal journey joy juice jump junction jungle junior jury justify keen kick kidnap kidney
kingdom kiss kitchen knee knife knock knot knowledge lab label laboratory lack ladder lady lake lamp landing
landlord landmark landscape lane laser latter laugh laughter laundry lawn lawsuit layer lazy leaf league leak lean
leap leather lecture legacy legend legislation legislative legislature legitimate lend length lens lesson liability
liable liberal liberate liberty library licence lie lifetime lightning likelihood limb limitation lion lip liquid
literary literature litter live lively liver loan lobby locate location lock log logic lonely loose lord lorry loud
lounge lovely lover loyal luck lucky lunch lung luxury machine machinery mad magazine magic magnetic mail mainland
maintain maintenance makeup male mall mandate manner manufacture manufacturer map marathon marble margin marine mark
marriage mask mass massive master maximum meal meaning meantime meanwhile meat mechanic mechanism medal medication
medium melt membership memoir memorial mental mention menu merchant mercy mere merge merger mess metaphor method
metro metropolitan middle midnight mild milk mill mineral minimum minor miracle mirror missile missing mistake mix
mixture mobile mode moderate modest modify molecule moment momentum monkey monster mood moral moreover mortgage
motion motivate motive motorist motorway mount mouse mouth movie multiple muscle musical musician mutual mysterious
mystery myth naked name narrative narrow nasty native navy neat necessary neck needle negative neglect negotiate
negotiation neighbour neighbourhood neither nerve nervous nest net neutral nevertheless nice nightmare nobody noise
nominate nominee none nonetheless norm normal nose notable notice notion novel nowhere numerous obey object
objective obligation observe observer obstacle obtain obvious occasion occasional occupation occupy occur ocean odd
offence offend offensive olympic ongoing onion online onto opera opponent opposite oppress optimistic option orange
orbit ordinary organic organise orientation origin outbreak outcome outfit output outrage overall overcome overlook
overseas oversee overturn overwhelm owe ownership oxygen pace pack package paint painter painting pair palace pale
panel panic parade parallel parliamentary partial participant participate participation particle particular
partnership passage passion passive password patch path patience patrol pattern pause peak peer penalty pepper
perceive perfect permanent permission persist personality personnel perspective persuade pet petition petrol phase
phenomenon philosophy photograph photographer phrase physical physician physics piano piece pig pile pill pillow pin
pine pink pioneer pipe pipeline pitch pizza placement plain plastic plate platform pleasant please pleasure pledge
plenty plot plug plunge plus pocket poem poet poetry poison pole poll pollution pond pop pope portfolio portion
portrait portray pose possess possession possibility postpone pot potato potential pour poverty powder powerful
practical praise pray prayer preach precious precise predict prediction prefer preference pregnancy pregnant
preliminary premier premium preparation prescribe prescription presence preserve presidency presidential prestige
presume pretend pretty prevail previous pride priest prince princess principal principle print prior prisoner
privacy privilege probable probe procedure proceed processor proclaim productive profession professional profile
profound progress prohibit prominent promising promote promotion prompt proof proper proportion prosecute
prosecution prospect prosper protection protein protester proud province provision provoke psychological psychology
pump punch punish punishment pupil purple pursue pursuit push puzzle qualify quarterly queen quest queue quiet quit
quote rabbit racial racism radar radical rage raid railway rally random rank rape rapid rare rat rating ratio raw
ray react reaction readily realise realistic reality rear rebel rebuild recall receipt reception recession recipe
recipient recognise recognition recommend recommendation reconstruct recording recovery recruit recycle referee
reference referendum reflect reflection refuge refugee refuse regain regard regime register registration regret
regular regulate regulation rehabilitation reign reinforce reject relate relationship relative relax relevant
reliable relief religion religious reluctant rely remark remarkable remedy remember remind remote rental reopen
reputation request requirement reserve reservoir residence residential resist resistance resolution resolve resort
restore restrict restriction retain retirement retreat reveal revenge reverse revise revive revolution revolutionary
reward rhythm rice rid ride rifle ritual rival roast rob robot rocket roll romance romantic roof root rope rose
rotten rough row royal rub rubber rubbish ruin ruler rumour rush sack sacred sacrifice sad sail sailor saint sake
salad salary salt sample sand satellite satisfy sauce scale scandal scatter scenario schedule scholar scholarship
scope scream script sculpture seal secondary secret section secure seed segment seize select selection seminar
senator sensation sense sensitive sentiment sequence series serious servant severe sew sex sexual shade shadow shake
shallow shame shape shared shark sharp shed sheep sheet shelf shell shelter shield shift shine shirt shock shoe
shopping shore shortage shoulder shout shower shrink sibling sick sigh sight signature significance significant
silence silent silk silly silver simply sing singer sink sir sit site skin skip skirt sky slave sleep slice slide
slight slip slope slow smart smell smile smoke smooth snake snow soap soccer soft soil solar sole solid solution
solve somehow somewhat soul soup sovereign spacecraft spare spark speaker specialist species specific specify
spectacular spectrum spell sphere spill spin spirit spiritual spite split spoil sponsor spot spouse spray squad
square squeeze stability stable stadium stake stall stamp standing stare steady steal steam steel steep stem stick
stiff stimulate stimulus stir stomach stone storage straight strain strange stranger strategic stream stretch strict
string strip stroke structure struggle stuck studio stuff stupid submit subsequent subsidy substance substantial
substitute suburb succeed successful successor sue sugar suggestion suicide suit sum sun super superior supermarket
supervise supplement supplier suppose surface surgeon surgery surplus surrender surround surveillance survival
survive survivor suspension sustain swallow swear sweep sweet swim swing switch sword symbol sympathy symptom
syndrome tactic tail talent tall tank tap tape tariff taste taxi tea tear teen teenager telephone telescope temple
temporary tempt tenant tend tendency tender tennis tense tent terminal terrible terrific territory terrorism
terrorist testify testimony textbook theft theme theory therapy therefore thick thief thin thorough thought thread
threaten threshold thrive throat throw thus tide tie tiger tight tile timber tiny tip tire tissue toilet tolerate
tomato tone tongue tool tooth topic torture toss touch tough tourism tournament towel tower toxic toy trace track
tradition traditional tragedy tragic trail trailer trait transaction transform transformation transit transition
translate transmit transparent trap trash trauma treasure treasury treaty tree tremendous trend tribal tribe
tribunal tribute trick trigger triumph troops tropical truly trunk tube tumour tune tunnel twice twin twist typical
tyre ugly ultimate unable uncertain uncertainty uncle undergo understand undertake unemployment unexpected unfair
unfold unfortunate uniform unique unite unity universal universe unknown unlike unprecedented unusual upgrade upper
upset useful usual utility vacation valley valuable van vanish vast vegetable venture venue verdict vessel veteran
via vice vicious victor viewer virtual virtue virus visible vision visual vital vocal voice volunteer vow vulnerable
wake walker wander warehouse warm warrior wash waste watchdog weaken wealth wealthy wedding weigh weight welcome
welfare wheel whip whisper whistle widespread widow width wilderness willing wine wing wipe wire wisdom wise
withdraw withdrawal witness wolf wonder wonderful wood wooden wool workforce workplace workshop worry worse worst
wound wrap wreck wrist yard yellow yield young youth zone`

/** What much of the news has, in Chinese, as pairs of characters. */
export const COMMON_HAN = `公司 企业 市场 经济 发展 中国 全国 国家 国际 社会 政府 部门 负责 责人 记者 今年 去年 明年 日前
近日 目前 此前 昨日 今日 今天 昨天 明天 上午 下午 凌晨 晚间 月份 季度 上半 半年 同比 环比 增长
下降 上涨 下跌 提高 降低 减少 增加 超过 达到 预计 计划 表示 介绍 认为 指出 强调 要求 发布 公布
宣布 通报 公告 消息 报道 获悉 了解 据了 显示 数据 信息 情况 问题 工作 活动 项目 工程 建设 服务
管理 技术 科技 产品 生产 销售 投资 资金 资本 银行 金融 股份 有限 限公 集团 董事 事长 总经 经理
业务 收入 利润 净利 价格 成本 消费 用户 客户 平台 网络 互联 联网 系统 智能 汽车 新能 能源 教育
学校 学生 教师 大学 医院 医疗 患者 健康 安全 事故 人员 死亡 受伤 伤亡 救援 消防 警方 公安 法院
检察 判决 调查 原因 进行 开展 实施 推进 推动 加强 提供 提升 支持 促进 完成 成为 开始 结束 启动
正式 首次 首个 第一 第二 第三 最高 最大 主要 重要 重点 相关 有关 其中 包括 以及 通过 根据 由于
因为 如果 可以 可能 需要 必须 应当 已经 正在 继续 进一 一步 成功 影响 作用 方面 方式 领域 行业
产业 地区 城市 农村 居民 市民 群众 人民 孩子 家庭 老人 女性 男子 女子 年轻 专家 教授 研究 究院
科学 文化 历史 体育 比赛 球队 球员 冠军 决赛 联赛 选手 教练 主场 客场 胜利 世界 美国 日本 欧洲
北京 上海 总统 总理 部长 省长 市长 书记 主席 会议 大会 论坛 举行 召开 出席 参加 参与 讨论 协议
合作 签署 关系 双方 气象 天气 暴雨 台风 地震 高温 降雨 预警 交通 地铁 公交 铁路 高铁 航班 机场
公路 高速 道路 车辆 司机 乘客 线路 运营 开通 万元 亿元 美元 人民币 公里 平方 方米 千米 小时 分钟
左右 以上 以下 之间 之后 之前 同时 期间 时间 时候 现场 当地 当天 当日 附近 中心 委员 员会 办公
公室 局长 主任 规定 政策 办法 通知 意见 方案 标准 制度 改革 监管 监督 检查 处理 处罚 违法 犯罪
嫌疑 案件 保护 环境 生态 污染 资源 土地 住房 房地 地产 就业 工资 社保 保险 养老 税收 财政 预算
债务 贷款 利率 股票 股价 指数 基金 证券 交易 上市 融资 出口 进口 贸易 关税 工业 制造 农业 粮食
食品 药品 疫苗 病例 疫情 电影 音乐 作品 艺术 博物 物馆 出版`

/** The smallest words of other languages of the news; some are words of English too, and lose little. */
export const COMMON_ABROAD = `aan aber al ale alla als am an anche anni anos ao après após as at att até au auch auf aus aussi aux av avec año
años bei bij bir bis bu był była ce ces cette che com come comme como con cuando da daha dal dalla dan dans das dass
dat de dei del della delle dem den depuis der des desde det deux deze di die dla do donde dont door dopo dos du due
durch een efter ein eine einem einen einer el ela ele elle em en entre er es essere est esta este et ett fait foi
fra från fue för für gegen gli ha haben han hanno har hasta hat hebben heeft het hij ihre ikke il ile ils im in inte
is ist için jak jest już já kadar kan kann która które który la las le les leur lo lors los ma maar mais med meer
mehr men met mit muy más na naar nach nas ne nel nella nicht nie niet no noch nog non nos nous nur não o och od oder
og olan olarak om ont ook op oraz os ou over par para pas pela pelo per pero più plus po por pour przez på que
questa questo qui sa sagte sans se según sein seine seit selon ser ses seu si sich sie sin sind się ska sobre soll
som son sono sonra sont sous stato su sua suo sur sus são så są también também te tegen till to tot tra tras tym uit
um uma un una und une unter van var ve vid vil von voor vor vous war werd werden wie will wird worden wordt wurde ya
za ze zijn zu zum zur zwischen är çok è é été être über że бы был была были было быть во вот все вы да даже для до
его ее если еще же за и из или их как когда которые который ли между на не него нет но он она они от по после при со
так также то только уже чем что это этого أن إلى التي الذي بعد على عن في قال كان كما لا لم مع من هذا هذه`

/**
 * Copy that is written again has other words for one thing, and verbs odd forms: each is taken for the first of its row.
 */
export const ALIKE_WORDS = `die dead death died killed kill fatal fatality slain perish
fall fell fallen drop slip slump slide slid tumble plunge sink sank sunk decline dip
rise rose risen climb jump soar surge gain raise hike increase lift boost
cut axe slash shed reduce reduction lower trim decrease
resign quit resignation
sack dismiss dismissal oust ouster
succeed successor replace
win won beat beaten defeat victory triumph winner
lose lost loss
arrest detain detention custody
convict conviction guilty
sentence jail imprison prison imprisonment
inmate prisoner
charge indict
prosecute prosecutor prosecution
approve approval endorse endorsement clear ratify
allow permit authorise authorize
reject rejection refuse refusal rebuff spurn
deny denied denial
ban prohibit outlaw forbid forbidden prohibition
strike struck hit walkout stoppage
quake earthquake tremor
fire blaze inferno flame
flood flooding deluge
crash collision collide smash
explode explosion blast detonate
buy bought acquire acquisition purchase takeover merger merge
sell sold sale
launch unveil debut liftoff
name appoint appointment nominate nomination nominee
close closure shut shutdown
find found discover discovery unearth
steal stole stolen theft thief thieves robbery heist rob robber burglar burglary raider
shoot shot shooting gunfire shooter
stab stabbing knife knives
gunman gunmen attacker assailant
gun firearm pistol rifle weapon
evacuate evacuation flee fled evacuee
hurt injure injury wound
cancel scrap abandon ditch
delay postpone defer postponement
warn warning alert caution
car vehicle automobile
lorry truck
teen teenager adolescent youth
boss chief ceo
plane jet aircraft airliner airplane aeroplane
helicopter chopper
probe inquiry enquiry investigate investigation investigator
deal agreement agree pact accord treaty
ceasefire truce armistice
fault defect faulty flaw
power electricity
outage blackout
profit earnings earn
share stock
attack assault raid
halt suspend suspension stop pause
resume restart resumption
protest demonstrate demonstration rally
break broke broken
fight fought battle clash
pay paid payment
build built rebuild construct construction
lead led
send sent
freeze froze frozen
fly flew flown
drive drove driver driven motorist
sue lawsuit sued suing
hold held
grow grew growth grown
speak spoke speech spoken
choose chose chosen pick select selection choice
murder homicide manslaughter
storm hurricane typhoon cyclone
rain rainfall downpour
snow snowfall blizzard
heat heatwave
landslide mudslide landslip
volcano volcanic erupt eruption
wildfire bushfire
chair chairman chairwoman chairperson
novel novelist
baby infant newborn
kid child children youngster
accuse accusation allege allegation
admit admission confess confession concede
criticise criticize criticism critic condemn denounce slam rebuke
praise hail laud applaud
apologise apologize apology
promise pledge vow
threat threaten
demand insist
urge plead
vote ballot referendum voter
elect election electoral
lawmaker legislator mp parliamentarian
parliament legislature parliamentary assembly
law legislation bill
senate senator
congress congressman congressional
president presidential presidency
prime premier
minister ministry
government cabinet administration
police cop policeman policemen constable detective
court tribunal
judge magistrate
lawyer attorney barrister solicitor counsel
jury juror
testify testimony witness
evidence proof
overturn quash annul
fine penalise penalize
bribe bribery corrupt corruption graft
fraud scam swindle embezzle embezzlement
kidnap abduct abduction hostage
seize confiscate seizure
smuggle smuggler
missing vanish disappear disappearance
search hunt manhunt
soldier troop serviceman servicemen
military army
navy naval
ship vessel freighter
capsize overturned
harbour harbor
rail railway railroad train
metro subway underground
tram streetcar
taxi cab
motorway highway freeway expressway
passenger traveller traveler commuter
airline carrier
divert diversion
derail derailment
doctor physician medic
vaccine vaccination vaccinate jab inoculate inoculation immunise immunize
drug medicine medication pill tablet
treat treatment therapy
disease illness sickness disorder
infect infection infectious
outbreak epidemic pandemic
virus viral
cancer tumour tumor
heart cardiac
pregnant pregnancy
pupil student schoolchildren schoolchild
university college campus
research scientist study
moon lunar
sun solar
mars martian
spacecraft craft orbiter
company firm corporation
factory plant mill
worker employee staff workforce
wage salary
layoff redundancy redundant
unemployed unemployment jobless
hire recruit
retire retirement
shareholder stockholder investor
revenue turnover
forecast predict prediction outlook projection expect expectation
economy economic
customer client shopper consumer
tariff duty levy
deficit shortfall
bank lender
loan lend lent
bankrupt bankruptcy insolvent insolvency
recession downturn
offer bid
propose proposal
plan scheme
talk negotiation negotiate discussion discuss
meet met
visit trip
rival opponent
dispute row feud quarrel
aid relief assistance assist help
migrant immigrant migration immigration
border frontier
deport expel deportation expulsion
invade invasion
withdraw withdrawal withdrew withdrawn pullout
rebel insurgent militant guerrilla
terror terrorist terrorism
riot unrest
destroy destruction devastate wreck ruin
repair fix mend
begin began begun start commence
award prize
honour honor
match game fixture
score scorer
coach manager
team squad
stadium arena
bicycle bike cyclist cycle
football soccer footballer
goalkeeper keeper
film movie
actor actress
painting artwork paint painter
exhibition exhibit
author writer write wrote written
director filmmaker
television tv
journalist reporter
forest woodland
coast coastal shore
island isle
climber mountaineer
farm farmer agriculture agricultural
house home
flat apartment
oil crude petroleum
petrol gasoline fuel
nuclear atomic reactor
pollute pollution contaminate contamination
waste rubbish garbage trash
phone smartphone handset mobile
computer pc
hack hacker cyberattack
chip semiconductor
regulator watchdog
release free freed
bury burial funeral buried
marry marriage wedding wed
mother mum mom
father dad
woman women female
man men male
resident inhabitant
country nation
global worldwide world
national nationwide
foreign overseas abroad
north northern
south southern
east eastern
west western
center centre central
colour color
labour labor
defence defense
theatre theater
programme program
neighbour neighbor
licence license
metre meter
kilometre kilometer km
litre liter
tonne ton
kilogram kilo kg
organise organize organiser organizer organisation organization
recognise recognize recognition
analyse analyze analysis
privatise privatize privatisation
nationalise nationalize nationalisation
modernise modernize
jewellery jewelry jewel
aluminium aluminum
big large huge giant
small tiny
cash money
fund finance funding
donate donation donor
subsidy subsidise subsidize
insure insurance insurer
invest investment
maker manufacturer manufacture producer
produce production output
supply supplier
deliver delivery
shop store
retail retailer supermarket
inspect inspection inspector
survive survivor survival
danger dangerous hazard
secure security
dig dug excavate excavation
archaeologist archaeology archeologist archaeological
extinct extinction
meteorologist meteorology
reform overhaul
constitution constitutional
candidate contender
poll survey
coalition alliance
king monarch
pope pontiff
islam islamic muslim
ambassador envoy
diplomat diplomatic diplomacy
holiday vacation
tourist tourism holidaymaker
decide decision
oppose opposition objection
bring brought
catch caught
teach taught teacher
bite bit bitten
draw drew drawn
eat ate eaten
hear heard
hide hid hidden
leave left
ride rode ridden rider
run ran runner
seek sought
shake shook shaken
sing sang sung singer
spend spent
stand stood
stick stuck
sweep swept
swim swam swimmer
tear tore torn
think thought
throw threw thrown
wear wore worn
blow blew blown
burn burnt
swear swore sworn
foot feet
wolf wolves
percent pct
january jan
february feb
august aug
september sept
october oct
november nov
december dec`

/** The same in Chinese. */
export const ALIKE_HAN = `死亡 遇难 身亡 丧生 罹难
去世 逝世 离世 病逝 辞世
垮塌 坍塌 倒塌 坍落
起火 火灾 失火 着火 大火
爆炸 爆燃
下跌 大跌 暴跌 走低 跌超 下挫
上涨 大涨 暴涨 走高 攀升 上调
发布 推出 亮相 问世
判处 被判 获刑
被查 审查 落马
抓获 落网 被捕 逮捕 拘捕
夺冠 冠军 夺金 金牌
击败 战胜 力克
取消 叫停 煞停
失踪 失联
救援 营救 搜救
收购 并购
开通 通车
批准 获批
辞职 辞任 卸任 请辞
任命 出任 履新
会见 会晤
停运 停驶 停航
汽车 轿车
降息 减息
加薪 涨薪 调薪
涨价 加价 提价
降价 减价
没收 充公
下课 换帅
追尾 追撞
撤离 疏散
停电 断电 跳电
首次 首度
地铁 捷运 港铁
列车 火车
公交 巴士 公车
出租 的士 计程
航班 班机
公里 千米
导弹 飞弹
航天 太空
软件 软体
网络 网路
信息 资讯
视频 影片`

/** What is done, in sixteen rows, to be told apart before words are taken for one another: a follow-up's title tells another act than the news before it. */
export const ACT_WORDS = `arrest detain detention charge indict sue lawsuit sued suing custody prosecute
trial testify testimony jury juror witness evidence plead hearing
verdict guilty convict conviction acquit sentence jail imprison
probe inquiry investigate investigation investigator cause review examine watchdog regulator audit
appeal overturn reject rejection refuse rebuff doubt dispute critic criticise criticize condemn backlash slam oppose protest demonstrate demonstration complain
agree deal agreement pact accord accept endorse approve approval clear
strike struck hit walkout stoppage
scrap cancel avert suspend halt suspension postpone delay shelve withdraw
reopen resume restore lift return ease
resign quit step sack fire blaze oust dismiss successor appoint name appointment replace interim
tribute funeral mourn vigil memorial bury
found find discover body recover identify survivor rescue refloat free tow raise hike increase salvage
compensate compensation refund relief fund pledge donate insurer payout aid rebuild
injure hurt injury wound miss sideline surgery
launch unveil debut release open begin start recall
apologise apologize apology regret`
