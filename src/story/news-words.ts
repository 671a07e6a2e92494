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

/** The same in Chinese, as pairs of characters. */
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

/** Headlines have many words for one act, and verbs odd forms: each is taken for the first of its row. */
export const ALIKE_WORDS = `die dead death died killed kill fatal fatality slain
fall fell fallen drop slip slump slide slid tumble plunge sink sank decline dip
rise rose risen climb jump soar surge gain
cut axe slash shed
resign quit
win won beat defeat victory triumph
lose lost
arrest detain detention
convict conviction guilty
sentence jail imprison
charge indict
approve approval endorse
reject rejection refuse
strike struck hit walkout
quake earthquake tremor
fire blaze
flood flooding deluge
crash collision collide smash
explode explosion blast
buy bought acquire acquisition purchase takeover
sell sold sale
launch unveil debut
name appoint appointment
close closure shut
find found discover
steal stole stolen theft thief thieves robbery heist
shoot shot shooting gunfire
stab stabbing
evacuate evacuation flee fled
hurt injure injury wound
cancel scrap
delay postpone
warn warning alert
car vehicle automobile
teen teenager
boss chief ceo
plane jet aircraft airliner
probe inquiry investigate investigation
deal agreement agree pact accord
ceasefire truce
fault defect faulty
power electricity
profit earnings
share stock
attack assault raid
halt suspend suspension
raise hike increase
protest demonstrate demonstration
break broke broken
fight fought
pay paid
build built
lead led
send sent
freeze froze frozen
fly flew flown
drive drove driver
sue lawsuit
hold held
grow grew growth
speak spoke
choose chose chosen
murder homicide
storm hurricane
wildfire bushfire
chair chairman chairwoman
novel novelist
baby infant
kid child children`

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

/** What is done, in sixteen rows: a follow-up's title tells another act than the news before it. */
export const ACT_WORDS = `arrest detain charge indict sue sued suing lawsuit custody prosecute
trial testify testimony jury juror witness evidence plead hearing
verdict guilty convict acquit sentence jail
probe inquiry investigate investigator investigation cause review examine watchdog regulator audit
appeal overturn reject rebuff refuse doubt dispute critic criticise criticize condemn backlash slam oppose protest complain
agree accept endorse deal approve approval clear
strike walkout stoppage
scrap cancel avert suspend halt postpone delay shelve withdraw
reopen resume restore lift return ease
resign quit step sack fire oust dismiss successor appoint replace interim
tribute funeral mourn vigil memorial bury
found body recover identify survivor rescue refloat free tow raise salvage
compensate compensation refund relief fund pledge donate insurer payout aid rebuild
injure injury miss sideline surgery
launch unveil release open begin start recall
apologise apologize apology regret`
