package comment

// startWeights are what the spam filter knows before anybody taught it anything: tokens of features and their log-odds towards spam,
// written by hand from what every site is sent. They fade as the newsroom decides for itself.
var startWeights = map[string]float64{
	// What a comment looks like.
	"links:0": -1.2, "links:1": 0.4, "links:2": 1.3, "links:3": 2.2, "shape:links alone": 1.8, "name:link": 2.5,
	"shape:capitals": 0.5, "shape:repeats": 0.2, "shape:digits": 0.6, "link:query": 0.6, "host:tinyurl.com": 1.2, "host:t.me": 1.8,
	"host:wa.me": 2.2,

	// Pills and bodies.
	"viagra": 3, "cialis": 3, "levitra": 3, "tramadol": 3, "phentermine": 3, "kamagra": 3, "sildenafil": 2.5, "pharmacy": 1.4,
	"online pharmacy": 3, "no prescription": 3, "without prescription": 2.5, "weight loss": 1.8, "lose weight": 1.8,
	"diet pills": 2.8, "garcinia": 2.8, "male enhancement": 3, "erectile": 2.2, "erection": 1.6, "porn": 2.2, "escorts": 2.6,
	"escort": 1.8, "sex chat": 3, "hot girls": 2.6, "nudes": 2.2, "webcam": 1.2,

	// Games of chance.
	"casino": 2.2, "online casino": 3, "poker": 1.4, "online poker": 2.8, "slots": 1.6, "jackpot": 1.4, "betting": 1.2,
	"sportsbook": 2.6, "baccarat": 2.4, "roulette": 1.4, "free spins": 3, "gacor": 3,

	// Money.
	"payday": 2, "payday loan": 3, "payday loans": 3, "loan offer": 3, "instant loan": 3, "bad credit": 2.2, "forex": 2.4,
	"binary options": 3, "bitcoin": 0.8, "crypto": 0.8, "recovery expert": 3, "investment platform": 2.4, "trading signals": 3,
	"passive income": 2.6, "extra income": 2.4, "make money": 2.2, "earn money": 2.4, "money online": 2.6, "from home": 1.2,
	"paycheck": 1.2, "quit my": 0.8, "online job": 2.6, "google pays": 3, "start earning": 3, "get paid": 1.6, "cash app": 2,
	"paypal": 1, "gift card": 1.8, "gift cards": 1.8, "free gift": 2.4, "giveaway": 1.6, "inheritance": 0.8, "beneficiary": 1.4,
	"western union": 2,

	// Goods.
	"replica": 2, "rolex": 1.8, "louis vuitton": 2.2, "vuitton": 1.8, "gucci": 1.2, "ray ban": 2.2, "jordans": 1.8, "wholesale": 1.8,
	"cheap": 0.8, "discount": 0.9, "coupon": 1.6, "promo code": 2.2, "free shipping": 2.4, "best price": 1.8, "buy now": 2.2,
	"order now": 2, "buy cheap": 2.8, "essay writing": 2.6, "write my": 1.4, "term paper": 1.8, "fake id": 2.4, "backlinks": 3,
	"seo": 2.2, "seo services": 3, "traffic to": 1.8, "web traffic": 2.6, "followers": 0.9, "buy followers": 3,
	"more subscribers": 2, "instagram followers": 3,

	// Calling away.
	"click here": 2.2, "click this": 2.2, "visit my": 2.2, "visit our": 1.8, "my website": 1.8, "my blog": 1.2, "my channel": 2.2,
	"my page": 1.6, "my profile": 1.8, "check out": 0.9, "check my": 2, "subscribe": 1.6, "subscribe to": 1.8, "follow me": 2,
	"add me": 1.8, "contact me": 1.6, "contact him": 2.2, "contact her": 2, "reach him": 2.4, "whatsapp": 2, "telegram": 1,
	"dm me": 2, "text me": 1.6, "spell caster": 3, "love spell": 3, "powerful spell": 3, "herbal": 1.6, "herbal cure": 3,
	"cured my": 1.6,

	// Praise of nothing in particular.
	"great post": 1.2, "nice post": 1.6, "nice blog": 1.8, "great blog": 1.6, "awesome post": 1.4, "nice article": 0.5,
	"informative post": 1.8, "very informative": 0.6, "keep posting": 1.2, "bookmarked": 1, "your blog": 1, "your weblog": 2.4,
	"weblog": 1.6, "for sharing": 0.6,

	// What people talk about.
	"the article": -0.8, "the author": -0.8, "headline": -0.8, "disagree": -1, "agree": -0.5, "government": -0.6, "minister": -0.8,
	"election": -0.7, "parliament": -0.8, "council": -0.7, "paragraph": -1, "i think": -0.5, "because": -0.4, "however": -0.3,
	"why": -0.4,
}
